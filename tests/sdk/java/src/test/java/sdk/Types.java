// The types of answers, declared as generated SDKs declare them (shared/types.json), and compiled when the tests run.
package sdk;

import com.aliyun.tea.NameInMap;
import com.aliyun.tea.TeaModel;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.ToolProvider;

final class Types {
    private static final Map<String, String> SCALARS =
            Map.of("bool", "Boolean", "int32", "Integer", "int64", "Long", "string", "String");
    private static final ClassLoader COMPILED = compile();

    private Types() {}

    /** An empty answer of this operation; its body is the member `body`. */
    static TeaModel answer(String action) throws ReflectiveOperationException {
        return (TeaModel) COMPILED.loadClass(action).getDeclaredConstructor().newInstance();
    }

    private static ClassLoader compile() {
        try {
            Path place = Files.createTempDirectory("types");
            List<String> arguments = new ArrayList<>(
                    List.of("-d", place.toString(), "-proc:none", "-cp", System.getProperty("java.class.path")));
            for (Map.Entry<String, JsonElement> type : Emulator.read("types.json").entrySet()) {
                JsonObject whole = new JsonObject();
                whole.add("body", type.getValue());
                Path source = place.resolve(type.getKey() + ".java");
                Files.writeString(source, "public " + source(type.getKey(), whole));
                arguments.add(source.toString());
            }
            if (ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)) != 0) {
                throw new IllegalStateException("types.json does not compile");
            }
            return new URLClassLoader(new URL[] {place.toUri().toURL()}, Types.class.getClassLoader());
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    /** A class as the generator of the SDKs writes it; those of its members are within. */
    private static String source(String name, JsonObject members) {
        StringBuilder source = new StringBuilder("class " + name + " extends com.aliyun.tea.TeaModel {\n");
        members.asMap().forEach((member, type) -> {
            boolean isList = type.isJsonArray();
            JsonElement inner = isList ? type.getAsJsonArray().get(0) : type;
            // No class may have the name of one around it.
            String kind = inner.isJsonObject() ? name + "_" + member : SCALARS.get(inner.getAsString());
            if (inner.isJsonObject()) {
                source.append("public static ").append(source(kind, inner.getAsJsonObject()));
            }
            source.append("@com.aliyun.tea.NameInMap(\"" + member + "\") public ")
                    .append(isList ? "java.util.List<" + kind + ">" : kind)
                    .append(" " + member + "_;\n");
        });
        return source.append("}\n").toString();
    }

    /** A member of a typed value as a map of wire names. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> plain(TeaModel model, String member) throws IllegalAccessException {
        return (Map<String, Object>) ((Map<String, Object>) plain(model)).get(member);
    }

    /** Without what is null, and without empty lists: some SDKs have one where there was none. */
    private static Object plain(Object value) throws IllegalAccessException {
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            for (Object item : list) {
                items.add(plain(item));
            }
            return items;
        }
        if (!(value instanceof TeaModel)) {
            return value;
        }
        Map<String, Object> members = new TreeMap<>();
        for (Field field : value.getClass().getFields()) {
            Object member = plain(field.get(value));
            if (member != null && !List.of().equals(member)) {
                members.put(field.getAnnotation(NameInMap.class).value(), member);
            }
        }
        return members;
    }
}
