// The client that generated Java SDKs are made of (tea-openapi).
package sdk;

import com.aliyun.tea.TeaException;
import com.aliyun.tea.TeaModel;
import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import com.google.gson.JsonObject;
import java.util.Map;

record Openapi(String algorithm) implements Sdk {
    @Override
    @SuppressWarnings("unchecked")
    public Map<String, Object> ask(String host, Key key, String action, String version, JsonObject params)
            throws Exception {
        return (Map<String, Object>) call(config(key), host, action, version, params).get("body");
    }

    @Override
    public Map<String, Object> askTyped(String host, Key key, String action, JsonObject params) throws Exception {
        Map<String, ?> whole = call(config(key), host, action, "2018-12-03", params);
        return Types.plain(TeaModel.toModel(whole, Types.answer(action)), "body");
    }

    @Override
    public Refusal report(Exception error) {
        return error instanceof TeaException answered && answered.getStatusCode() != null
                ? new Refusal(
                        answered.getStatusCode(), answered.getCode(), answered.getMessage(), answered.getData())
                : null;
    }

    static Config config(Key key) {
        return new Config().setAccessKeyId(key.id()).setAccessKeySecret(key.secret()).setSecurityToken(key.token());
    }

    /** Sends a request as generated methods do; the body of the answer is its member `body`. */
    Map<String, ?> call(Config config, String host, String action, String version, JsonObject params)
            throws Exception {
        return call(config, host, action, version, params, new RuntimeOptions());
    }

    /** The generated method `…WithOptions`. */
    Map<String, ?> call(
            Config config, String host, String action, String version, JsonObject params, RuntimeOptions runtime)
            throws Exception {
        config.setEndpoint(host).setProtocol("http").setSignatureAlgorithm(algorithm);
        Params operation = new Params()
                .setAction(action)
                .setVersion(version)
                .setProtocol("HTTPS")
                .setPathname("/")
                .setMethod("POST")
                .setAuthType("AK")
                .setStyle("RPC")
                .setReqBodyType("formData")
                .setBodyType("json");
        Map<String, ?> named = Emulator.GSON.<Map<String, ?>>fromJson(params, Map.class);
        OpenApiRequest request = new OpenApiRequest().setQuery(com.aliyun.openapiutil.Client.query(named));
        return new Client(config).callApi(operation, request, runtime);
    }
}
