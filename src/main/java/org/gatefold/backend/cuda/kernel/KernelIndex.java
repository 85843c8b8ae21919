package org.gatefold.backend.cuda.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.gatefold.backend.cuda.driver.CudaException;

/**
 * Which files, headers and kernels there are. The build writes it beside the kernel sources in the jar: a line a file, its
 * path and behind it its kernels. Immutable.
 *
 * <p>A kernel's whole name stands in its source, where it is declared or as the first argument of a macro that declares
 * kernels.
 */
public final class KernelIndex {
    /** The folder of the sources and of the index in the jar. */
    static final String FOLDER = "/org/gatefold/cuda-kernels/";

    private static final String FILE = "index";
    private static final String SOURCE = ".cu";
    private static final String HEADER = ".cuh";

    private static final Pattern COMMENT = Pattern.compile("//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern MACRO =
            Pattern.compile("^[ \\t]*#define +(\\w+)\\((\\w*)[^)]*\\)((?:[^\\n]*\\\\\\n)*[^\\n]*)", Pattern.MULTILINE);
    private static final Pattern KERNEL = Pattern.compile("__global__\\s+void\\s+"
            + "(?:(?:GATEFOLD_CLUSTER_DIMS|__launch_bounds__)\\([^)]*\\)\\s+)*([\\w#]+)\\s*\\(");
    private static final Pattern CALL = Pattern.compile("\\b(\\w+)\\s*\\(\\s*(\\w+)");

    private final SortedMap<String, List<String>> kernels;
    private final Map<String, String> files = new HashMap<>();

    private KernelIndex(SortedMap<String, List<String>> kernels) {
        this.kernels = kernels;
        kernels.forEach((file, names) -> {
            for (String name : names) {
                String other = files.put(name, file);
                if (other != null) {
                    throw new IllegalArgumentException(
                            "kernel " + name + ": expected to be defined once, is in " + other + " and " + file);
                }
            }
        });
    }

    /** The index that the build has written. */
    static KernelIndex read() {
        try (InputStream in = KernelIndex.class.getResourceAsStream(FOLDER + FILE)) {
            if (in == null) {
                throw new CudaException("the index of kernels is missing from the jar; Maven's build writes it");
            }
            SortedMap<String, List<String>> kernels = new TreeMap<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                List<String> words = Arrays.asList(line.split(" "));
                kernels.put(words.get(0), words.subList(1, words.size()));
            }
            return new KernelIndex(kernels);
        } catch (IOException e) {
            throw new UncheckedIOException("the index of kernels cannot be read", e);
        }
    }

    /**
     * The index of these sources.
     *
     * @param sources path below the folder of the sources, to text
     * @throws IllegalArgumentException if two files define one kernel, a header defines one, or a macro declares one whose
     *     name is not its first argument
     */
    static KernelIndex of(Map<String, String> sources) {
        Map<String, String> texts = new TreeMap<>();
        sources.forEach((path, text) -> texts.put(path, COMMENT.matcher(text).replaceAll(" ")));
        Set<String> macros = new HashSet<>();
        texts.forEach((path, text) -> macros.addAll(declaringMacros(path, text)));
        SortedMap<String, List<String>> kernels = new TreeMap<>();
        texts.forEach((path, text) -> {
            List<String> names = names(MACRO.matcher(text).replaceAll(""), macros);
            if (path.endsWith(HEADER) && !names.isEmpty()) {
                throw new IllegalArgumentException(path + ": expected no kernel in a header, got " + names);
            }
            kernels.put(path, names);
        });
        return new KernelIndex(kernels);
    }

    private static Set<String> declaringMacros(String path, String text) {
        Set<String> names = new HashSet<>();
        Matcher macro = MACRO.matcher(text);
        while (macro.find()) {
            Matcher kernel = KERNEL.matcher(macro.group(3).replace("\\\n", "\n"));
            if (kernel.find()) {
                if (!kernel.group(1).equals(macro.group(2))) {
                    throw new IllegalArgumentException(path + ": expected the first argument of macro " + macro.group(1)
                            + " to be the kernel's name, got " + kernel.group(1));
                }
                names.add(macro.group(1));
            }
        }
        return names;
    }

    private static List<String> names(String text, Set<String> macros) {
        SortedMap<Integer, String> found = new TreeMap<>();
        KERNEL.matcher(text).results().forEach(match -> found.put(match.start(), match.group(1)));
        CALL.matcher(text)
                .results()
                .filter(match -> macros.contains(match.group(1)))
                .forEach(match -> found.put(match.start(), match.group(2)));
        return List.copyOf(found.values());
    }

    /** The kernel files, by path. */
    List<String> files() {
        return kernels.keySet().stream().filter(path -> path.endsWith(SOURCE)).toList();
    }

    /** The shared headers, by path. */
    List<String> headers() {
        return kernels.keySet().stream().filter(path -> path.endsWith(HEADER)).toList();
    }

    /** The kernels of one file, in the order in which they stand there. */
    List<String> kernels(String file) {
        return kernels.getOrDefault(file, List.of());
    }

    /** The file that defines a kernel. */
    Optional<String> file(String kernel) {
        return Optional.ofNullable(files.get(kernel));
    }

    /** What {@link #read} reads. */
    String text() {
        StringBuilder text = new StringBuilder();
        kernels.forEach((path, names) -> {
            text.append(path);
            names.forEach(name -> text.append(' ').append(name));
            text.append('\n');
        });
        return text.toString();
    }

    /** Reads a folder of kernel sources. */
    static Map<String, String> sources(Path folder) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(path).toString().replace('\\', '/');
                if (name.endsWith(SOURCE) || name.endsWith(HEADER)) {
                    sources.put(name, Files.readString(path));
                }
            }
        }
        return sources;
    }

    /** Writes the index; a step of the build. Arguments: the folder of the sources, that of the sources in the jar. */
    public static void main(String... arguments) throws IOException {
        Path target = Files.createDirectories(Path.of(arguments[1]));
        Files.writeString(
                target.resolve(FILE), of(sources(Path.of(arguments[0]))).text());
    }
}
