// Clients in Java, by name: java Clients NAME. Standard library only.

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Clients {
    static final String ENDPOINT = System.getenv("SAS_EMULATOR_ENDPOINT");
    static final String KEY = System.getenv("ALIBABA_CLOUD_ACCESS_KEY_ID");
    static final String SECRET = System.getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
    static final HttpClient HTTP = HttpClient.newHttpClient();
    static final Map<String, String> SCAN = Map.of("TaskType", "IMAGE_SCAN", "TaskName", "IMAGE_SCAN");

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** The address of a call by GET or POST, signed as the legacy SDKs sign (HMAC-SHA1). */
    static String signed(String method, String key, String action, Map<String, String> parameters) throws Exception {
        Map<String, String> all = new TreeMap<>(parameters);
        all.putAll(Map.of("Action", action, "Version", "2018-12-03", "Format", "JSON", "AccessKeyId", key,
                "SignatureMethod", "HMAC-SHA1", "SignatureVersion", "1.0", "SignatureNonce", UUID.randomUUID().toString(),
                "Timestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()));
        String query = all.entrySet().stream().map(pair -> encode(pair.getKey()) + "=" + encode(pair.getValue()))
                .collect(Collectors.joining("&"));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec((SECRET + "&").getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        byte[] signature = mac.doFinal((method + "&%2F&" + encode(query)).getBytes(StandardCharsets.UTF_8));
        return ENDPOINT + "/?" + query + "&Signature=" + encode(Base64.getEncoder().encodeToString(signature));
    }

    static String send(String method, String address) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).method(method, HttpRequest.BodyPublishers.noBody()).build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** By POST: HttpClient itself sends a GET again when the connection breaks, with the same nonce. */
    static String call(String key, String action, Map<String, String> parameters) throws Exception {
        return send("POST", signed("POST", key, action, parameters));
    }

    static String status(String body) {
        Matcher found = Pattern.compile("\"Status\":\"(\\w+)\"").matcher(body);
        return found.find() ? found.group(1) : "";
    }

    static String poll(String key) throws Exception {
        return status(call(key, "GetLastOnceTaskInfo", SCAN));
    }

    static boolean isRunning(String status) {
        return status.equals("INIT") || status.equals("START");
    }

    static String untilItEnds() throws Exception {
        for (;;) {
            String status = poll(KEY);
            if (!isRunning(status)) return status;
            Thread.sleep(100);
        }
    }

    static void pollsAfterTheEnd() throws Exception {
        untilItEnds();
        for (int again = 0; again < 2; again++) {
            Thread.sleep(100);
            poll(KEY);
        }
    }

    static void sameNonceAgain() throws Exception {
        String address = signed("POST", KEY, "GetLastOnceTaskInfo", SCAN);
        try {
            send("POST", address);
        } catch (IOException reset) {
            send("POST", address);
        }
    }

    static void aTimeoutIsSuccess() throws Exception {
        System.out.println("the scan is over: " + untilItEnds());
    }

    static void onceMoreAfterAReset() throws Exception {
        try {
            poll(KEY);
        } catch (IOException reset) {
            poll(KEY);
        }
        Thread.sleep(100);
        untilItEnds();
    }

    static void severalOperationsAtOnce() throws Exception {
        call(KEY, "DescribeVersionConfig", Map.of());
        call(KEY, "DescribeCloudCenterInstances", Map.of());
        call(KEY, "GenerateOnceTask", Map.of("TaskType", "IMAGE_SCAN", "TaskName", "IMAGE_SCAN", "Param", "{}"));
        untilItEnds();
        call(KEY, "DescribeCloudCenterInstances", Map.of("CurrentPage", "2"));
    }

    static void twoAccounts() throws Exception {
        boolean isEither;
        String[] shown = {"INIT", "INIT"};
        do {
            isEither = false;
            for (int account = 0; account < 2; account++) {
                if (!isRunning(shown[account])) continue;
                shown[account] = poll(account == 0 ? KEY : "other");
                isEither |= isRunning(shown[account]);
            }
            Thread.sleep(100);
        } while (isEither);
    }

    public static void main(String[] names) throws Exception {
        switch (names[0]) {
            case "polls_after_the_end" -> pollsAfterTheEnd();
            case "same_nonce_again" -> sameNonceAgain();
            case "a_timeout_is_success" -> aTimeoutIsSuccess();
            case "once_more_after_a_reset" -> onceMoreAfterAReset();
            case "several_operations_at_once" -> severalOperationsAtOnce();
            case "two_accounts" -> twoAccounts();
            default -> throw new IllegalArgumentException(names[0]);
        }
    }
}
