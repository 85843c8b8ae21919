package org.gatefold.backend.cpu;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The declarations of C headers, one after the other, by name, without comments and in one line each. */
final class NativeHeader {
    private static final Pattern FUNCTION = Pattern.compile("GF_API (.+?)(\\w+) ?\\((.*)\\)");
    private static final Pattern TYPE = Pattern.compile("typedef .* (\\w+)");
    private static final Pattern VERSION = Pattern.compile("#define GF_ABI_VERSION (\\d+)");
    private static final Pattern ENUMERATOR = Pattern.compile("(GF_\\w+) = (\\d+)");

    private final int version;
    private final Map<String, String> declarations = new LinkedHashMap<>();

    /** A function's types; a parameter of type {@code const float* x} has the type {@code const float*}. */
    record Function(String result, List<String> parameters) {}

    NativeHeader(String text) {
        String code = text.replaceAll("//[^\n]*", "").replaceAll("(?s)/\\*.*?\\*/", "");
        Matcher matcher = VERSION.matcher(code);
        if (!matcher.find()) {
            throw new AssertionError("the header defines no GF_ABI_VERSION");
        }
        version = Integer.parseInt(matcher.group(1));
        String plain = code.replaceAll("(?s)#ifdef __cplusplus\n.*?#endif", "")
                .replaceAll("(?m)^#.*$", "")
                .replaceAll("\\s+", " ");
        int depth = 0;
        int begin = 0;
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (c == ';' && depth == 0) {
                add(plain.substring(begin, i).strip());
                begin = i + 1;
            }
        }
    }

    private void add(String declaration) {
        Matcher function = FUNCTION.matcher(declaration);
        Matcher type = TYPE.matcher(declaration);
        String name;
        if (function.matches()) {
            name = function.group(2);
        } else if (type.matches()) {
            name = type.group(1);
        } else {
            throw new AssertionError("neither a function nor a type: " + declaration);
        }
        if (declarations.put(name, declaration) != null) {
            throw new AssertionError(name + " is declared twice");
        }
    }

    int version() {
        return version;
    }

    /** A short hash of every declaration, in the order of the header. */
    Map<String, String> fingerprints() {
        Map<String, String> result = new LinkedHashMap<>();
        declarations.forEach((name, text) -> result.put(name, fingerprint(text)));
        return result;
    }

    Map<String, Function> functions() {
        Map<String, Function> result = new LinkedHashMap<>();
        declarations.forEach((name, text) -> {
            Matcher matcher = FUNCTION.matcher(text);
            if (matcher.matches()) {
                result.put(name, new Function(matcher.group(1).strip(), types(matcher.group(3))));
            }
        });
        return result;
    }

    /** The values of an enumeration, by name. */
    Map<String, Integer> enumeration(String name) {
        Map<String, Integer> result = new LinkedHashMap<>();
        Matcher matcher = ENUMERATOR.matcher(declarations.get(name));
        while (matcher.find()) {
            result.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
        }
        return result;
    }

    /** The types of a parameter list, from which names are cut. */
    static List<String> types(String parameters) {
        List<String> result = new ArrayList<>();
        for (String parameter : parameters.split(",", -1)) {
            String type = parameter.strip().replaceFirst(" \\w+$", "");
            if (!type.equals("void")) {
                result.add(type);
            }
        }
        return result;
    }

    private static String fingerprint(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
