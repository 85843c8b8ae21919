package org.gatefold.exchange.onnx;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.gatefold.device.Device;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.Weights;
import org.gatefold.exchange.onnx.graph.FoldedGraph;
import org.gatefold.exchange.onnx.graph.OnnxFile;
import org.gatefold.exchange.onnx.graph.OnnxFolder;
import org.gatefold.exchange.onnx.graph.OnnxGraph;
import org.gatefold.exchange.onnx.graph.OnnxStates;
import org.gatefold.exchange.onnx.plan.OnnxPorts;
import org.gatefold.file.FileException;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/**
 * Models in ONNX files, opsets 7 to 22: what is read computes, trains and is saved as any other model. Stateless.
 *
 * <p>Inputs and outputs keep their names. Where the file leaves two axes open, one is taken for rows and one for steps; sequences go in and
 * out as everywhere in Gatefold. LSTM, GRU and RNN become layers, other weights parameters by their names in the file. What nothing depends
 * on is no input. Messages are read by protobuf-java, which must be on the class path.
 */
public final class OnnxModels {
    private OnnxModels() {}

    /** What a file holds: the network, and a way to write its weights to a model of it. */
    private record Read(OnnxFolder folded, FoldedGraph graph, Network network) {}

    /** {@link #load(Device, Path, Map)} with sizes as in the file. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static Model load(Device device, Path file) {
        return load(device, file, Map.of());
    }

    /**
     * Builds the model of a file, with its weights.
     *
     * @param sizes fixes open dimensions by the names that the file gives them, for instance {@code Map.of("sequence", 576)}
     * @throws CheckpointException if the file cannot be read, is damaged, or has what is not supported, with node and operator
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    public static Model load(Device device, Path file, Map<String, Integer> sizes) {
        return load(device, file, sizes, OnnxStates.NONE);
    }

    /** A file, about which something is to be said before it becomes a model. */
    public static OnnxSource of(Path file) {
        return new OnnxSource(file);
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    static Model load(Device device, Path file, Map<String, Integer> sizes, OnnxStates states) {
        Read read = read(file, sizes, states);
        return Weights.filled(
                read.network().on(device).weights(parameters -> {}).build(), model -> {
                    read.folded().parameters().forEach((name, tensor) -> model.parameters()
                            .get(name)
                            .set(tensor.floats()));
                    read.folded()
                            .layers()
                            .forEach((name, layer) -> layer.writeTo((RecurrentLayer<?>) model.layer(name)));
                    model.parameters().changed();
                });
    }

    /** {@link #network(Path, Map)} with sizes as in the file. */
    public static Network network(Path file) {
        return network(file, Map.of());
    }

    /**
     * What a file's model is, without its weights; no device is opened.
     *
     * @param sizes as in {@link #load(Device, Path, Map)}
     * @throws CheckpointException as in {@link #load(Device, Path, Map)}
     */
    public static Network network(Path file, Map<String, Integer> sizes) {
        return network(file, sizes, OnnxStates.NONE);
    }

    static Network network(Path file, Map<String, Integer> sizes, OnnxStates states) {
        return read(file, sizes, states).network();
    }

    private static Read read(Path file, Map<String, Integer> sizes, OnnxStates states) {
        return described(file, () -> {
            OnnxGraph graph;
            try {
                graph = OnnxFile.read(file);
            } catch (IOException e) {
                throw new IllegalArgumentException("cannot be read: " + FileException.reason(e), e);
            }
            OnnxPorts.requireKnown(graph, sizes);
            OnnxFolder folded = OnnxFolder.fold(graph);
            FoldedGraph between = OnnxPorts.of(folded, sizes, states);
            return new Read(folded, between, Network.of(() -> new OnnxModule(between)));
        });
    }

    private static <V> V described(Path file, Supplier<V> work) {
        try {
            return work.get();
        } catch (NoClassDefFoundError e) {
            throw missing(file, e);
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new CheckpointException("model " + file + ": " + e.getMessage(), e);
        }
    }

    static CheckpointException missing(Path file, NoClassDefFoundError cause) {
        return new CheckpointException(
                "model " + file
                        + ": ONNX files need com.google.protobuf:protobuf-java on the class path; add that dependency",
                new IllegalStateException(cause));
    }
}
