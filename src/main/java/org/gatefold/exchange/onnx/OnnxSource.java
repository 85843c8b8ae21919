package org.gatefold.exchange.onnx;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.onnx.graph.OnnxStates;
import org.gatefold.model.Model;
import org.gatefold.model.ModelStream;
import org.gatefold.model.Network;

/**
 * An ONNX file, and what is said about it before it becomes a model: sizes that it leaves open, and what a stream carries from chunk to chunk.
 * Mutable, one thread; may be loaded any number of times.
 *
 * <p>In a {@link ModelStream}, states are neither inputs nor outputs: each input that is one takes what its output gave for the chunk before.
 * Pairs that names tell, such as {@code h0} and {@code hn} or {@code state} and {@code stateN}, need not be said.
 */
public final class OnnxSource {
    private final Path file;
    private final Map<String, Integer> sizes = new LinkedHashMap<>();
    private final Map<String, String> pairs = new LinkedHashMap<>();
    private final Map<String, Integer> overlaps = new LinkedHashMap<>();

    OnnxSource(Path file) {
        this.file = file;
    }

    /** Fixes an open dimension by the name that the file gives it. */
    public OnnxSource size(String dimension, int size) {
        sizes.put(dimension, size);
        return this;
    }

    /** Says that an input takes, in a stream, what an output gave for the chunk before; zeros for the first. */
    public OnnxSource state(String input, String output) {
        if (pairs.containsValue(output)) {
            throw new IllegalArgumentException("state '" + input + "': output '" + output + "' is that of another");
        }
        pairs.put(input, output);
        return this;
    }

    /** Says that so many of the last steps of a chunk stand in front of the next one, as windows overlap; zeros in front of the first. */
    public OnnxSource overlap(String input, int steps) {
        overlaps.put(input, steps);
        return this;
    }

    /**
     * Builds the model, with its weights.
     *
     * @throws CheckpointException if the file cannot be read, is damaged, or has what is not supported, with node and operator, or if what was
     *     said does not fit it
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public Model load(Device device) {
        return OnnxModels.load(device, file, sizes, new OnnxStates(pairs, overlaps));
    }

    /**
     * What the model is, without its weights; no device is opened.
     *
     * @throws CheckpointException as {@link #load}
     */
    public Network network() {
        return OnnxModels.network(file, sizes, new OnnxStates(pairs, overlaps));
    }
}
