// Starts sas-emulator on a free port, and stops it; reads the files that all languages share.
package sdk;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.ToNumberPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class Emulator implements AutoCloseable {
    /** Surefire runs tests in the folder of pom.xml. */
    private static final Path SHARED = Path.of("..", "shared");
    private static final String READY = "sas-emulator ready http://";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** Whole numbers stay whole. */
    static final Gson GSON =
            new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();

    final String host;
    private final Process process;
    private final Path log;

    Emulator(List<String> flags) throws IOException {
        String binary = System.getenv("EMULATOR_BIN");
        if (binary == null) {
            throw new IllegalStateException("EMULATOR_BIN does not name a binary; tests/sdk/run finds one");
        }
        List<String> command = new ArrayList<>(List.of(binary, "--listen", "127.0.0.1:0"));
        command.addAll(flags);
        log = Files.createTempFile("sas-emulator", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).directory(SHARED.toFile()).redirectError(log.toFile());
        // Settings of the person who runs the tests must not reach the emulator under test.
        builder.environment().keySet().removeIf(name -> name.startsWith("SAS_EMULATOR_"));
        process = builder.start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroyForcibly();
            throw new IllegalStateException("the emulator did not start: " + line + Files.readString(log));
        }
        host = line.substring(READY.length()).trim();
    }

    /** Moves the task clock. */
    void advance(String by) throws IOException, InterruptedException {
        JsonObject order = new JsonObject();
        order.addProperty("action", "advance");
        order.addProperty("by", by);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + "/_emulator/clock"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(order.toString()))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("the clock does not move: " + answer.body());
        }
    }

    /** A test with an emulator of its own; what that logged is shown if the test fails. */
    static void serving(List<String> flags, Use use) throws Exception {
        try (Emulator emulator = new Emulator(flags)) {
            try {
                use.of(emulator);
            } catch (Exception | AssertionError failure) {
                System.err.println("the emulator logged:\n" + Files.readString(emulator.log));
                throw failure;
            }
        }
    }

    interface Use {
        void of(Emulator emulator) throws Exception;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException("the emulator did not stop in peace: " + code);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            Files.delete(log);
        }
    }

    static JsonObject read(String name) throws IOException {
        return GSON.fromJson(Files.readString(SHARED.resolve(name)), JsonObject.class);
    }

    static List<String> flags(JsonObject document) {
        List<String> flags = new ArrayList<>();
        if (document.has("flags")) {
            document.getAsJsonArray("flags").forEach(flag -> flags.add(flag.getAsString()));
        }
        return flags;
    }
}
