// What the SDK sees in the built-in scenarios (shared/scenarios.json).
package sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.aliyun.tea.TeaException;
import com.aliyun.tea.TeaModel;
import com.aliyun.tea.okhttp.ClientHelper;
import com.aliyun.teautil.models.RuntimeOptions;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ScenariosTest {
    private static final String REQUEST_ID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}";

    private final Openapi sdk = new Openapi("ACS3-HMAC-SHA256");
    private final JsonObject document = Emulator.read("scenarios.json");

    ScenariosTest() throws IOException {}

    @TestFactory
    List<DynamicTest> situations() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonElement each : document.getAsJsonArray("situations")) {
            JsonObject situation = each.getAsJsonObject();
            tests.add(dynamicTest(situation.get("name").getAsString(),
                    () -> Emulator.serving(Emulator.flags(situation), emulator -> meet(emulator, situation))));
        }
        return tests;
    }

    /** Makes the calls one after the other, and holds what the SDK sees against the document. */
    private void meet(Emulator emulator, JsonObject situation) throws Exception {
        JsonArray seen = new JsonArray();
        JsonArray wanted = new JsonArray();
        for (JsonElement each : situation.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            if (step.has("advance")) {
                emulator.advance(step.get("advance").getAsString());
            }
            int within = step.has("within") ? step.get("within").getAsInt() : 1;
            for (JsonElement outcome : step.getAsJsonArray("sees")) {
                JsonObject want = wanted(outcome.getAsString());
                JsonObject saw = null;
                for (int left = within; left > 0 && !want.equals(saw); left--) {
                    saw = comparable(look(emulator.host, situation, step), want);
                }
                wanted.add(want);
                seen.add(saw);
            }
        }
        assertEquals(wanted, seen);
    }

    private JsonObject wanted(String name) {
        JsonObject outcome = document.getAsJsonObject("outcomes").getAsJsonObject(name);
        JsonObject wanted = new JsonObject();
        if (outcome.has("all")) {
            outcome.getAsJsonObject("all").asMap().forEach(wanted::add);
        }
        if (outcome.has("sees") && outcome.getAsJsonObject("sees").has("java")) {
            outcome.getAsJsonObject("sees").getAsJsonObject("java").asMap().forEach(wanted::add);
        }
        return wanted;
    }

    /** One call: its response, or its exception. */
    private JsonObject look(String host, JsonObject situation, JsonObject step) {
        String action = step.has("call") ? step.get("call").getAsString() : "GetLastOnceTaskInfo";
        JsonObject params = (step.has("params") ? step : document).getAsJsonObject("params");
        Sdk.Key key = situation.has("key") ? Emulator.GSON.fromJson(situation.get("key"), Sdk.Key.class) : Sdk.Key.USUAL;
        RuntimeOptions runtime = new RuntimeOptions();
        if (step.has("timeout")) {
            runtime.setReadTimeout(step.get("timeout").getAsInt());
        }
        if (situation.has("retry")) {
            // All possible retries are enabled.
            runtime.setAutoretry(true).setMaxAttempts(3);
        }
        JsonObject seen = new JsonObject();
        try {
            Map<String, ?> whole = sdk.call(Openapi.config(key), host, action, "2018-12-03", params, runtime);
            Map<String, Object> body = Types.plain(TeaModel.toModel(whole, Types.answer(action)), "body");
            seen.add("shows", Emulator.GSON.toJsonTree(body));
        } catch (Exception error) {
            seen.addProperty("error", error.getClass().getSimpleName());
            // OkHttp's own timer and the socket's are equally long, and either may end first: both are a timeout.
            seen.addProperty("says", String.valueOf(error.getMessage()).replace("Read timed out", "timeout"));
            if (error instanceof TeaException answered) {
                addRefusal(seen, answered);
            }
        }
        return seen;
    }

    private static void addRefusal(JsonObject seen, TeaException answered) {
        if (answered.getStatusCode() != null) {
            seen.addProperty("status", answered.getStatusCode());
        }
        if (answered.getCode() != null) {
            seen.addProperty("code", answered.getCode());
        }
        if (answered.getData() != null && answered.getData().get("RequestId") instanceof String id) {
            seen.addProperty("request_id", id.matches(REQUEST_ID));
        }
    }

    /**
     * What was seen, so far as the document says anything of it: of answers the members that it names, of texts the
     * part.
     */
    private static JsonObject comparable(JsonObject seen, JsonObject wanted) {
        if (seen.has("shows")) {
            JsonObject same = new JsonObject();
            same.add("shows", narrowed(seen.get("shows"), wanted.get("shows")));
            return same;
        }
        if (wanted.has("says") && seen.get("says").getAsString().contains(wanted.get("says").getAsString())) {
            seen.add("says", wanted.get("says"));
        }
        return seen;
    }

    /** The members that are wanted. */
    private static JsonElement narrowed(JsonElement value, JsonElement wanted) {
        if (wanted instanceof JsonArray wants && value instanceof JsonArray items && wants.size() == items.size()) {
            JsonArray some = new JsonArray();
            for (int at = 0; at < items.size(); at++) {
                some.add(narrowed(items.get(at), wants.get(at)));
            }
            return some;
        }
        if (wanted instanceof JsonObject wants && value instanceof JsonObject members) {
            JsonObject some = new JsonObject();
            wants.asMap().forEach((name, want) -> {
                if (members.has(name)) {
                    some.add(name, narrowed(members.get(name), want));
                }
            });
            return some;
        }
        return value;
    }

    /** Looked at where the SDK hands it on, not waited for. */
    @Test
    void theSdkGivesUpWhenThePageSays() throws Exception {
        Emulator.serving(List.of(), emulator -> {
            ClientHelper.clients.clear();
            look(emulator.host, new JsonObject(), new JsonObject());
            int limit = document.getAsJsonObject("read_timeouts").get("java").getAsInt();
            assertEquals(
                    List.of(limit),
                    ClientHelper.clients.values().stream().map(OkHttpClient::readTimeoutMillis).toList());
        });
    }
}
