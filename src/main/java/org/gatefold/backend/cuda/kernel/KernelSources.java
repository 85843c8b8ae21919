package org.gatefold.backend.cuda.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.gatefold.backend.cuda.driver.CudaException;

/** The kernel sources that travel in the jar. */
public final class KernelSources {
    private static final Pattern INCLUDE = Pattern.compile("^#include \"(.+?)\"", Pattern.MULTILINE);

    private final KernelIndex index = KernelIndex.read();
    private final UnaryOperator<String> change;

    /** The sources, each changed by {@code change}: the identity, except where a test plants a mistake. */
    public KernelSources(UnaryOperator<String> change) {
        this.change = change;
    }

    /** The kernel files, one family of operations each. */
    public List<String> files() {
        return index.files();
    }

    /** The kernels that a file defines. */
    public List<String> kernels(String file) {
        return index.kernels(file);
    }

    /**
     * The file that defines a kernel.
     *
     * @throws CudaException if none does
     */
    String file(String kernel) {
        return index.file(kernel).orElseThrow(() -> new CudaException("no kernel is called " + kernel));
    }

    /** The text of a kernel file or header. */
    public String text(String file) {
        try (InputStream in = KernelSources.class.getResourceAsStream(KernelIndex.FOLDER + file)) {
            if (in == null) {
                throw new CudaException("kernel source " + file + " is missing from the jar");
            }
            return change.apply(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("kernel source " + file + " cannot be read", e);
        }
    }

    /** Of {@link #headers()}, those that a file includes, itself or through others. */
    Map<String, String> headers(String file) {
        Map<String, String> headers = new TreeMap<>();
        addIncluded(text(file), headers);
        return headers;
    }

    private void addIncluded(String text, Map<String, String> headers) {
        for (Matcher include = INCLUDE.matcher(text); include.find(); ) {
            String header = include.group(1);
            if (!headers.containsKey(header)) {
                headers.put(header, text(header));
                addIncluded(headers.get(header), headers);
            }
        }
    }

    /**
     * Name, as it stands in every include line, to text. One name each: to NVRTC, {@code #pragma once} knows a header by
     * its name.
     */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header : index.headers()) {
            headers.put(header, text(header));
        }
        return headers;
    }

    /** A hash of all sources, by which results of one set of kernels are told from those of another. */
    public String hash() {
        List<String> parts = new ArrayList<>(headers().values());
        files().forEach(file -> parts.add(text(file)));
        return KernelCache.key(parts);
    }
}
