package org.gatefold.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.exchange.onnx.OnnxModels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that a kind of file needs and that is not there is named; and a thread's class loader may bring kinds of its own. */
class MissingLibraryTest {
    @TempDir
    private Path folder;

    /** Gatefold once more, without libraries whose file names contain a word. */
    private static URLClassLoader without(String word) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (!path.getFileName().toString().contains(word)) {
                urls.add(path.toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static String failure(URLClassLoader loader, String type, String method, Path file) throws Exception {
        try {
            loader.loadClass(type).getMethod(method, Path.class).invoke(null, file);
        } catch (InvocationTargetException e) {
            assertThat(e.getCause().getClass().getName()).isEqualTo(CheckpointException.class.getName());
            return e.getCause().getMessage();
        }
        return "none";
    }

    @Test
    void namesProtobufForOnnx() throws Exception {
        Path file = Files.write(folder.resolve("model.onnx"), new byte[] {8, 7});
        try (URLClassLoader loader = without("protobuf")) {
            assertThat(failure(loader, OnnxModels.class.getName(), "network", file))
                    .contains(file.toString())
                    .contains("com.google.protobuf:protobuf-java")
                    .doesNotContain("\n");
        }
    }

    @Test
    void namesHdfForKeras() throws Exception {
        Path file = folder.resolve("model.h5");
        byte[] head = new byte[600];
        System.arraycopy(new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'}, 0, head, 0, 8);
        Files.write(file, head);
        try (URLClassLoader loader = without("jhdf")) {
            Class<?> formats = loader.loadClass(ModelFormats.class.getName());
            Object format = formats.getMethod("of", Path.class).invoke(null, file);
            String message = "none";
            try {
                loader.loadClass(ModelFormat.class.getName())
                        .getMethod("network", Path.class)
                        .invoke(format, file);
            } catch (InvocationTargetException e) {
                message = String.valueOf(e.getCause().getMessage());
            }
            assertThat(message)
                    .contains(file.toString())
                    .contains("io.jhdf:jhdf")
                    .doesNotContain("\n");
        }
    }

    @Test
    void findsKindsOfTheThreadsClassLoader() throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(ModelFormat.class.getName()), FormatOfThread.class.getName());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        List<String> usual = ModelFormats.all().stream().map(ModelFormat::name).toList();
        assertThat(usual).doesNotContain("thread").doesNotHaveDuplicates();
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {folder.toUri().toURL()}, ModelFormat.class.getClassLoader());
                URLClassLoader stranger = without("protobuf")) {
            thread.setContextClassLoader(loader);
            List<String> all =
                    ModelFormats.all().stream().map(ModelFormat::name).toList();
            assertThat(all)
                    .startsWith(usual.toArray(String[]::new))
                    .endsWith("thread")
                    .hasSize(usual.size() + 1);
            thread.setContextClassLoader(stranger);
            assertThat(ModelFormats.all()).hasSameSizeAs(usual);
            thread.setContextClassLoader(null);
            assertThat(ModelFormats.all()).hasSameSizeAs(usual);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
