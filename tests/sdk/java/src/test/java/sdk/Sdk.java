// What the tests need of an SDK.
package sdk;

import com.google.gson.JsonObject;
import java.util.Map;

/** One way to use an SDK. */
interface Sdk {
    /** Sends a call as the wire names it; gives the body of the answer as a map of wire names. */
    Map<String, Object> ask(String host, Key key, String action, String version, JsonObject params) throws Exception;

    /** The same, with the body decoded to the type that a generated SDK declares. */
    Map<String, Object> askTyped(String host, Key key, String action, JsonObject params) throws Exception;

    /** The members of an error that an application can read, or null if the error is not from the service. */
    Refusal report(Exception error);

    /** An AccessKey, with a token if it is temporary. */
    record Key(String id, String secret, String token) {
        static final Key USUAL = new Key("test", "test", null);
    }

    /** The members of an error. */
    record Refusal(int status, String code, String text, Map<String, Object> data) {}
}
