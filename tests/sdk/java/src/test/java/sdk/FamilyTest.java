// The once-task family, from the first call to every end it can have (shared/family.json), and single answers that are
// unusual (shared/answers.json), decoded as generated SDKs decode.
package sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class FamilyTest {
    private final Sdk sdk = new Openapi("ACS3-HMAC-SHA256");

    @TestFactory
    List<DynamicTest> family() throws IOException {
        JsonObject family = Emulator.read("family.json");
        JsonObject golden = Emulator.read("family_golden.json");
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonElement element : family.getAsJsonArray("scenes")) {
            JsonObject scene = element.getAsJsonObject();
            for (String each : texts(scene, "each", "")) {
                String name = (scene.get("name").getAsString() + " " + each).trim();
                tests.add(dynamicTest(name, () -> Emulator.serving(Emulator.flags(family), emulator -> {
                    JsonArray seen = walk(emulator, scene, each);
                    JsonArray expected = golden.getAsJsonArray(name);
                    for (int at = 0; at < Math.min(seen.size(), expected.size()); at++) {
                        assertEquals(expected.get(at), seen.get(at), "answer " + (at + 1));
                    }
                    assertEquals(expected.size(), seen.size());
                })));
            }
        }
        return tests;
    }

    /** All that the client sees in a scene. The emulator's address, which is always another, stands as HOST. */
    private JsonArray walk(Emulator emulator, JsonObject scene, String each) throws Exception {
        Map<String, JsonElement> names = new HashMap<>(Map.of("{type}", new JsonPrimitive(each)));
        JsonArray seen = new JsonArray();
        for (JsonElement step : scene.getAsJsonArray("steps")) {
            for (String by : texts(step.getAsJsonObject(), "at", "0s")) {
                emulator.advance(by);
                for (JsonElement element : step.getAsJsonObject().getAsJsonArray("calls")) {
                    JsonObject call = element.getAsJsonObject();
                    JsonObject params = new JsonObject();
                    call.getAsJsonObject("params").asMap().forEach((name, value) -> params.add(name,
                            value.isJsonPrimitive() ? names.getOrDefault(value.getAsString(), value) : value));
                    String action = call.get("call").getAsString();
                    JsonObject answer = ask(emulator.host, action, params);
                    if (call.has("keep")) {
                        call.getAsJsonObject("keep").asMap().forEach((name, pointer) ->
                                names.put("{" + name + "}", find(answer, pointer.getAsString())));
                    }
                    JsonArray line = new JsonArray();
                    line.add(action);
                    String text = answer.toString().replace(emulator.host, "HOST");
                    line.add(Emulator.GSON.fromJson(text, JsonObject.class));
                    seen.add(line);
                }
            }
        }
        return seen;
    }

    /** The typed answer, or the refusal. */
    private JsonObject ask(String host, String action, JsonObject params) throws Exception {
        try {
            Map<String, Object> body = sdk.askTyped(host, Sdk.Key.USUAL, action, params);
            return Emulator.GSON.toJsonTree(body).getAsJsonObject();
        } catch (Exception error) {
            Sdk.Refusal refusal = sdk.report(error);
            if (refusal == null) {
                throw error;
            }
            JsonObject refused = new JsonObject();
            refused.add("refused", Emulator.GSON.toJsonTree(List.of(refusal.status(), refusal.code())));
            return refused;
        }
    }

    private static JsonElement find(JsonObject answer, String pointer) {
        JsonElement found = answer;
        for (String part : pointer.substring(1).split("/")) {
            found = found.getAsJsonObject().get(part);
        }
        return found;
    }

    private static List<String> texts(JsonObject document, String name, String otherwise) {
        if (!document.has(name)) {
            return List.of(otherwise);
        }
        return document.getAsJsonArray(name).asList().stream().map(JsonElement::getAsString).toList();
    }

    @TestFactory
    List<DynamicTest> answers() throws IOException {
        JsonObject document = Emulator.read("answers.json");
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonElement element : document.getAsJsonArray("answers")) {
            JsonObject answer = element.getAsJsonObject();
            JsonObject params = document.getAsJsonObject("params");
            tests.add(dynamicTest(answer.get("name").getAsString(), () -> {
                if (answer.has("flags")) {
                    Emulator.serving(Emulator.flags(answer), emulator -> see(emulator.host, params, answer));
                } else {
                    stub(answer.get("body"), host -> see(host, params, answer));
                }
            }));
        }
        return tests;
    }

    private void see(String host, JsonObject params, JsonObject answer) {
        JsonElement seen;
        try {
            Map<String, Object> body = sdk.askTyped(host, Sdk.Key.USUAL, "GetLastOnceTaskInfo", params);
            JsonElement member = Emulator.GSON.toJsonTree(body).getAsJsonObject().get(answer.get("member").getAsString());
            seen = member == null ? JsonNull.INSTANCE : member;
        } catch (Exception error) {
            assertNull(sdk.report(error), () -> "refused: " + error);
            seen = new JsonPrimitive("error");
        }
        assertEquals(answer.getAsJsonObject("sees").get("java"), seen);
    }

    /** A server that answers whatever it is asked with this. */
    private static void stub(JsonElement body, Hosted use) throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = HttpServer.create(free, 0);
        server.createContext("/", exchange -> {
            byte[] text = body.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json;charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        try {
            use.at("127.0.0.1:" + server.getAddress().getPort());
        } finally {
            server.stop(0);
        }
    }

    private interface Hosted {
        void at(String host) throws Exception;
    }
}
