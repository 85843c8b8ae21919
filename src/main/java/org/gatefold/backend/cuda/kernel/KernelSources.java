package org.gatefold.backend.cuda.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.gatefold.backend.cuda.driver.CudaException;

/** The kernel sources that travel in the jar. */
public final class KernelSources {
    /** The kernel files, one operation each. */
    public static final List<String> FILES = List.of(
            "steps.cu",
            "lstm_fused.cu",
            "lstm_gates.cu",
            "gru_gates.cu",
            "rnn_gates.cu",
            "convert.cu",
            "linear.cu",
            "staging.cu",
            "elementwise.cu",
            "sequence.cu",
            "softmax.cu",
            "loss.cu",
            "optimizer.cu");

    /** The shared headers, by the names under which kernels and headers include them. */
    private static final List<String> HEADERS = List.of(
            "grid.cuh",
            "lstm.cuh",
            "math.cuh",
            "operand.cuh",
            "philox.cuh",
            "ptx.cuh",
            "quad.cuh",
            "reduce.cuh",
            "step.cuh",
            "tile_product.cuh");

    private static final String FOLDER = "/org/gatefold/cuda-kernels/";

    private final UnaryOperator<String> change;

    /** The sources, each changed by {@code change}: the identity, except where a test plants a mistake. */
    public KernelSources(UnaryOperator<String> change) {
        this.change = change;
    }

    /** Whether a kernel file defines a kernel. */
    boolean defines(String file, String kernel) {
        return text(file).contains(" " + kernel + "(");
    }

    /** The text of one kernel file. */
    public String text(String file) {
        try (InputStream in = KernelSources.class.getResourceAsStream(FOLDER + file)) {
            if (in == null) {
                throw new CudaException("kernel source " + file + " is missing from the jar");
            }
            return change.apply(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("kernel source " + file + " cannot be read", e);
        }
    }

    /**
     * Name, as it stands in every include line, to text. One name each: to NVRTC, {@code #pragma once} knows a header by
     * its name.
     */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header : HEADERS) {
            String text = text("common/" + header);
            headers.put("common/" + header, text);
        }
        return headers;
    }

    /** A hash of all sources, by which results of one set of kernels are told from those of another. */
    public String hash() {
        List<String> parts = new ArrayList<>(headers().values());
        FILES.forEach(file -> parts.add(text(file)));
        return KernelCache.key(parts);
    }
}
