// The contract that every SDK is held to (shared/contract.json), for Java, with every signature that it can make.
package sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.aliyun.teaopenapi.models.Config;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ContractTest {
    private static final Map<String, String> UNSIGNED = Map.of(
            "v1", "Specified signature is not matched with our calculation. server string to sign is:",
            "v3", "Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-S");

    private final JsonObject document = Emulator.read("contract.json");
    private final JsonObject usual = document.getAsJsonObject("usual").getAsJsonObject("request");

    ContractTest() throws IOException {}

    /** "v2" is their word for the signature whose SignatureVersion is 1.0. */
    @TestFactory
    List<DynamicContainer> openapi() {
        List<DynamicContainer> ways = new ArrayList<>();
        Map.of("ACS3-HMAC-SHA256", "v3", "ACS3-HMAC-SM3", "v3", "v2", "v1").forEach((algorithm, scheme) -> {
            Openapi sdk = new Openapi(algorithm);
            List<DynamicTest> tests = tests(sdk, scheme);
            tests.add(dynamicTest("bearer tokens are refused", () -> Emulator.serving(List.of(), emulator -> {
                Config config = new Config().setBearerToken("token");
                config.setType("bearer");
                Exception error = assertThrows(
                        Exception.class,
                        () -> sdk.call(config, emulator.host, name("action"), name("version"), params(usual)));
                check(sdk.report(error), emulator.host, 400, "UnsupportedSignatureType",
                        "This signature type is not supported.");
            })));
            ways.add(dynamicContainer(algorithm, tests));
        });
        return ways;
    }

    /** The tests that every way to use an SDK must pass. */
    private List<DynamicTest> tests(Sdk sdk, String scheme) {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonElement each : document.getAsJsonArray("scans")) {
            JsonObject scan = each.getAsJsonObject();
            tests.add(dynamicTest("a scan is watched to its end (" + scan.get("name").getAsString() + ")",
                    () -> Emulator.serving(Emulator.flags(scan), emulator -> watch(sdk, emulator.host, key(scan)))));
        }
        for (JsonElement each : document.getAsJsonArray("refusals")) {
            JsonObject expected = each.getAsJsonObject();
            tests.add(dynamicTest("a refusal is reported (" + expected.get("name").getAsString() + ")",
                    () -> Emulator.serving(Emulator.flags(expected), emulator -> {
                        JsonObject request = usual.deepCopy();
                        if (expected.has("request")) {
                            expected.getAsJsonObject("request").asMap().forEach(request::add);
                        }
                        check(refusal(sdk, emulator.host, key(expected), request), emulator.host,
                                expected.get("status").getAsInt(), expected.get("code").getAsString(),
                                expected.get("message").getAsString());
                    })));
        }
        tests.add(dynamicTest("a wrong secret is reported with what the service signed",
                () -> Emulator.serving(List.of(), emulator -> {
                    Sdk.Key wrong = new Sdk.Key("test", "wrong", null);
                    Sdk.Refusal seen = refusal(sdk, emulator.host, wrong, usual);
                    String message = (String) seen.data().get("Message");
                    assertTrue(message.startsWith(UNSIGNED.get(scheme)), message);
                    check(seen, emulator.host, 400, "SignatureDoesNotMatch", message);
                })));
        return tests;
    }

    private String name(String member) {
        return usual.get(member).getAsString();
    }

    private static JsonObject params(JsonObject request) {
        return request.getAsJsonObject("params");
    }

    private static Sdk.Key key(JsonObject situation) {
        return situation.has("key") ? Emulator.GSON.fromJson(situation.get("key"), Sdk.Key.class) : Sdk.Key.USUAL;
    }

    private static Sdk.Refusal refusal(Sdk sdk, String host, Sdk.Key key, JsonObject request) {
        Exception error = assertThrows(Exception.class, () -> sdk.ask(host, key,
                request.get("action").getAsString(), request.get("version").getAsString(), params(request)));
        Sdk.Refusal refusal = sdk.report(error);
        assertNotNull(refusal, () -> "not the service's: " + error);
        return refusal;
    }

    /** Polls until the scan is over, and checks that it went the way of a scan. */
    @SuppressWarnings("unchecked")
    private void watch(Sdk sdk, String host, Sdk.Key key) throws Exception {
        List<String> statuses = new ArrayList<>();
        List<Long> progress = new ArrayList<>();
        HashSet<Object> tasks = new HashSet<>();
        HashSet<Object> requests = new HashSet<>();
        Map<String, Object> reply;
        String status;
        do {
            assertTrue(progress.size() < 10, "no end in sight");
            reply = sdk.ask(host, key, name("action"), name("version"), params(usual));
            Map<String, Object> info = (Map<String, Object>) reply.get("TaskInfo");
            status = (String) info.get("Status");
            if (statuses.isEmpty() || !statuses.get(statuses.size() - 1).equals(status)) {
                statuses.add(status);
            }
            long percent = ((Number) info.get("Progress")).longValue();
            assertTrue(progress.isEmpty() || percent > progress.get(progress.size() - 1), "does not rise");
            progress.add(percent);
            tasks.add(reply.get("TaskId"));
            requests.add(reply.get("RequestId"));
        } while (List.of("INIT", "START").contains(status));
        assertEquals(List.of("INIT", "START", "SUCCESS"), statuses);
        assertEquals(List.of(0L, 100L), List.of(progress.get(0), progress.get(progress.size() - 1)));
        assertEquals(List.of(1, progress.size()), List.of(tasks.size(), requests.size()));
        assertEquals(reply.get("TotalCount"), reply.get("FinishCount"));
    }

    /** All members of an error that an application can read. */
    private static void check(Sdk.Refusal seen, String host, int status, String code, String message) {
        assertEquals(List.of(status, code), List.of(seen.status(), seen.code()), seen.text());
        assertTrue(seen.text().contains(message), seen.text());
        String id = (String) seen.data().get("RequestId");
        assertTrue(id.matches("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"), id);
        assertEquals(message, seen.data().get("Message"));
        assertEquals(code, seen.data().get("Code"));
        assertEquals(host, seen.data().get("HostId"));
        String page = "https://api.aliyun.com/troubleshoot?q=" + code + "&product=Sas&requestId=" + id;
        assertEquals(page, seen.data().get("Recommend"));
    }
}
