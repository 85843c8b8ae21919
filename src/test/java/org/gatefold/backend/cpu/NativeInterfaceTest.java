package org.gatefold.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The three descriptions of the native interface agree: {@code gatefold.h} with what it includes, the JNI functions and {@link NativeLibrary}.
 * No compiler compares them, and a difference would crash the JVM or give wrong numbers. And what {@code gatefold.h}
 * declares changes only together with its version.
 */
class NativeInterfaceTest {
    private static final Path HEADER = Path.of("native/include/gatefold.h");
    private static final Pattern INCLUDE = Pattern.compile("#include \"(.+)\"");
    private static final Path FINGERPRINTS = Path.of("native/abi.txt");
    private static final Path JNI = Path.of("native/src/jni");
    private static final String PREFIX = "Java_org_gatefold_backend_cpu_NativeLibrary_";

    /** For callers of the C interface; Java has no use for them. */
    private static final Set<String> NOT_FOR_JAVA = Set.of("gf_best_isa", "gf_has_bf16", "gf_copy", "gf_fill");

    private static final Pattern JNI_FUNCTION = Pattern.compile(
            "GF_JNI\\((\\w+), (\\w+)\\)\\s*\\(([^)]*)\\) \\{((?-s: .*\\})|\\n.*?\\n\\})\\n", Pattern.DOTALL);
    private static final Pattern CALL = Pattern.compile("\\b(gf_\\w+)\\(");

    private static final Map<String, Class<?>> JAVA_TYPES = Map.ofEntries(
            Map.entry("void", void.class),
            Map.entry("jboolean", boolean.class),
            Map.entry("jint", int.class),
            Map.entry("jlong", long.class),
            Map.entry("jfloat", float.class),
            Map.entry("jdouble", double.class),
            Map.entry("jintArray", int[].class),
            Map.entry("jlongArray", long[].class),
            Map.entry("jfloatArray", float[].class),
            Map.entry("jstring", String.class),
            Map.entry("jobject", ByteBuffer.class));

    /** A JNI function: the Java method that it is written for, and the functions of the header that it calls. */
    private record Entry(Class<?> result, List<Class<?>> parameters, Set<String> calls) {}

    @Test
    void declarationsChangeOnlyWithTheVersion() throws IOException {
        NativeHeader header = header();
        Map<String, String> now = header.fingerprints();
        int version = 0;
        Map<String, String> committed = new LinkedHashMap<>();
        for (String line : Files.readAllLines(FINGERPRINTS)) {
            String[] words = line.split(" ");
            if (words[0].equals("version")) {
                version = Integer.parseInt(words[1]);
            } else if (!words[0].equals("#")) {
                committed.put(words[0], words[1]);
            }
        }
        Set<String> changed = new TreeSet<>();
        committed.forEach((name, fingerprint) -> {
            if (!fingerprint.equals(now.get(name))) {
                changed.add(name);
            }
        });
        if (header.version() == version) {
            assertThat(changed)
                    .as(
                            "%s declares these otherwise, or no longer, than version %d did. Raise GF_ABI_VERSION there"
                                    + " and NativeLibrary.ABI_VERSION to %d, then bring %s up to date",
                            HEADER, version, version + 1, FINGERPRINTS)
                    .isEmpty();
        }
        assertThat(header.version()).as("GF_ABI_VERSION never goes back").isGreaterThanOrEqualTo(version);
        String wanted = now.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining("\n", "version " + header.version() + "\n", "\n"));
        String found =
                Files.readString(FINGERPRINTS)
                                .lines()
                                .filter(l -> !l.startsWith("#"))
                                .collect(Collectors.joining("\n")) + "\n";
        assertThat(found)
                .as("%s is out of date. After its comment it should hold:%n%s", FINGERPRINTS, wanted)
                .isEqualTo(wanted);
    }

    @Test
    void javaWasWrittenForTheVersionOfTheHeader() throws IOException {
        assertThat(NativeLibrary.ABI_VERSION).isEqualTo(header().version());
    }

    @Test
    void javaKnowsTheStatusesByTheirValues() throws IOException {
        Map<String, Integer> statuses = header().enumeration("gf_status");
        assertThat(statuses)
                .containsEntry("GF_OK", NativeLibrary.OK)
                .containsEntry("GF_OUT_OF_MEMORY", NativeLibrary.OUT_OF_MEMORY)
                .containsEntry("GF_UNKNOWN_ISA", NativeLibrary.UNKNOWN_ISA)
                .containsEntry("GF_ISA_UNAVAILABLE", NativeLibrary.ISA_UNAVAILABLE);
    }

    @Test
    void everyNativeMethodHasItsFunction() throws IOException {
        Set<String> java = new TreeSet<>();
        for (Method method : NativeLibrary.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                java.add(signature(method.getName(), method.getReturnType(), List.of(method.getParameterTypes())));
            }
        }
        Set<String> jni = new TreeSet<>();
        entries().forEach((name, entry) -> jni.add(signature(name, entry.result(), entry.parameters())));
        assertThat(jni).isNotEmpty().containsExactlyInAnyOrderElementsOf(java);
    }

    @Test
    void everyFunctionOfTheHeaderIsReached() throws IOException {
        Set<String> called = new TreeSet<>(NOT_FOR_JAVA);
        entries().values().forEach(entry -> called.addAll(entry.calls()));
        assertThat(called).isEqualTo(new TreeSet<>(header().functions().keySet()));
    }

    /** Where a JNI function passes plain arguments on, which is nearly everywhere. */
    @Test
    void argumentsArePassedOnOneToOne() throws IOException {
        Map<String, NativeHeader.Function> functions = header().functions();
        int compared = 0;
        for (Map.Entry<String, Entry> entry : entries().entrySet()) {
            Entry jni = entry.getValue();
            if (jni.calls().size() != 1 || jni.parameters().stream().anyMatch(type -> !type.isPrimitive())) {
                continue;
            }
            NativeHeader.Function c = functions.get(jni.calls().iterator().next());
            if (c.parameters().stream().anyMatch(type -> type.endsWith("**"))) {
                continue;
            }
            List<String> passed = new ArrayList<>();
            for (int i = 0; i < c.parameters().size(); i++) {
                boolean flag = i < jni.parameters().size() && jni.parameters().get(i) == boolean.class;
                passed.add(javaType(c.parameters().get(i), flag));
            }
            assertThat(jni.parameters().stream().map(Class::getName).toList())
                    .as("%s passes its arguments on to %s", entry.getKey(), jni.calls())
                    .isEqualTo(passed);
            compared++;
        }
        assertThat(compared).isGreaterThan(20);
    }

    @Test
    void theLibraryExportsWhatIsDeclared() throws IOException {
        assumeTrue(NativeLoader.failure().isEmpty(), "there is no native library");
        Set<String> declared = new TreeSet<>(header().functions().keySet());
        entries().keySet().forEach(name -> declared.add(PREFIX + name));
        assertThat(exported()).containsAll(declared);
        Set<String> methods = new TreeSet<>();
        for (String name : exported()) {
            if (name.startsWith(PREFIX)) {
                methods.add(name);
            }
        }
        declared.removeIf(name -> !name.startsWith(PREFIX));
        assertThat(methods).isEqualTo(declared);
    }

    /** Of an argument of a C function; a flag is an int there. */
    private static String javaType(String c, boolean flag) {
        return switch (c) {
            case "int64_t", "uint64_t" -> "long";
            case "int32_t", "uint32_t", "int" -> flag ? "boolean" : "int";
            default -> c.endsWith("*") ? "long" : c;
        };
    }

    private static NativeHeader header() throws IOException {
        StringBuilder text = new StringBuilder();
        Matcher include = INCLUDE.matcher(Files.readString(HEADER));
        while (include.find()) {
            text.append(Files.readString(HEADER.resolveSibling(include.group(1))));
        }
        return new NativeHeader(text.toString());
    }

    private static Map<String, Entry> entries() throws IOException {
        Map<String, Entry> entries = new TreeMap<>();
        try (Stream<Path> files = Files.list(JNI)) {
            for (Path file : files.sorted().toList()) {
                Matcher matcher = JNI_FUNCTION.matcher(Files.readString(file));
                while (matcher.find()) {
                    List<Class<?>> types = NativeHeader.types(matcher.group(3).replaceAll("\\s+", " ")).stream()
                            .filter(type -> !type.equals("JNIEnv*") && !type.equals("jclass"))
                            .<Class<?>>map(JAVA_TYPES::get)
                            .toList();
                    Set<String> calls = new TreeSet<>();
                    Matcher call = CALL.matcher(matcher.group(4));
                    while (call.find()) {
                        calls.add(call.group(1));
                    }
                    entries.put(matcher.group(2), new Entry(JAVA_TYPES.get(matcher.group(1)), types, calls));
                }
            }
        }
        return entries;
    }

    private static String signature(String name, Class<?> result, List<Class<?>> parameters) {
        return result.getSimpleName() + " " + name
                + parameters.stream().map(Class::getSimpleName).toList();
    }

    /** Names in the string tables of the built library. */
    private static Set<String> exported() {
        String resource = NativeLoader.resource(
                System.getProperty("os.name"),
                NativeLoader.platform(System.getProperty("os.name"), System.getProperty("os.arch"))
                        .orElseThrow());
        try (InputStream in = NativeInterfaceTest.class.getResourceAsStream(resource)) {
            String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            Matcher matcher = Pattern.compile("(?<=\\x00_?)(" + PREFIX + "\\w+|gf_\\w+)(?=\\x00)")
                    .matcher(bytes);
            Set<String> names = new TreeSet<>();
            while (matcher.find()) {
                names.add(matcher.group(1));
            }
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
