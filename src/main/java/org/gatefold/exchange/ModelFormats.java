package org.gatefold.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.gatefold.file.FileFailure;

/**
 * The {@link ModelFormat}s there are, in the order of the service files: the first that recognises a file has it. Gatefold's own come first,
 * then those that the class loader of the thread finds beside, such as a web application's. Stateless.
 */
public final class ModelFormats {
    /** How many bytes of a file a format is shown at most. */
    public static final int HEAD = 64;

    private ModelFormats() {}

    /** All of them. */
    public static List<ModelFormat> all() {
        Map<Class<?>, ModelFormat> found = new LinkedHashMap<>();
        for (ClassLoader loader : loaders()) {
            ServiceLoader.load(ModelFormat.class, loader).stream()
                    .forEach(provider -> found.computeIfAbsent(provider.type(), type -> provider.get()));
        }
        return List.copyOf(found.values());
    }

    /** The loader of Gatefold, and that of the thread if it knows this very Gatefold. */
    private static List<ClassLoader> loaders() {
        ClassLoader own = ModelFormat.class.getClassLoader();
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        try {
            return ofThread != null && ofThread.loadClass(ModelFormat.class.getName()) == ModelFormat.class
                    ? List.of(own, ofThread)
                    : List.of(own);
        } catch (ClassNotFoundException e) {
            return List.of(own);
        }
    }

    /**
     * The format of a file that exists, or of a folder that is a model.
     *
     * @throws CheckpointException if there is no such file, if it cannot be read, or if no format recognises it
     */
    public static ModelFormat of(Path file) {
        if (Files.isDirectory(file)) {
            return ofFolder(file).orElseThrow(() -> new CheckpointException(file + ": is a folder, and no model"));
        }
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file + ": no such file");
        }
        byte[] head = head(file);
        return all().stream()
                .filter(format -> format.recognises(file, head))
                .findFirst()
                .orElseThrow(() -> new CheckpointException(file + ": is no model of a kind known here; expected one of "
                        + all().stream().map(ModelFormat::title).collect(Collectors.joining(", "))));
    }

    /** The format of a folder; empty if none recognises it. */
    public static Optional<ModelFormat> ofFolder(Path folder) {
        return all().stream().filter(format -> format.recognisesFolder(folder)).findFirst();
    }

    /**
     * The first bytes of a file, as {@link ModelFormat#recognises} is given them.
     *
     * @throws CheckpointException if it cannot be read
     */
    public static byte[] head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + FileFailure.reason(e), e);
        }
    }

    /**
     * The format of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ModelFormat named(String name) {
        return all().stream()
                .filter(format -> format.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("format: expected one of "
                        + all().stream().map(ModelFormat::name).toList() + ", got '" + name + "'"));
    }

    /**
     * The format that a file to be written has by the ending of its name.
     *
     * @throws IllegalArgumentException if no format has files that end so
     */
    public static ModelFormat byEnding(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return all().stream()
                .filter(format -> format.endings().stream().anyMatch(name::endsWith))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(file + ": expected a name that ends in one of "
                        + all().stream()
                                .flatMap(format -> format.endings().stream())
                                .distinct()
                                .toList()));
    }
}
