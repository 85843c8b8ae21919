package org.gatefold.benchmarks.operations;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The weights of a layer as leaves of libtorch's graph, under the names that Gatefold's layer has for them. */
final class Weights {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Part> trained = new ArrayList<>();

    /** Rows of a leaf that one of Gatefold's weights is. */
    private record Part(String name, Tensor leaf, long from, long rows) {}

    void add(String name, Tensor values, boolean trains) {
        values.set_requires_grad(trains);
        tensors.put(name, values);
        if (trains) {
            trained.add(new Part(name, values, 0, values.size(0)));
        }
    }

    Tensor get(String name) {
        return tensors.get(name);
    }

    /** Several weights one under the other as one leaf: made when asked for first, in their place. */
    Tensor packed(String... names) {
        return tensors.computeIfAbsent(String.join("+", names), key -> pack(names));
    }

    private Tensor pack(String... names) {
        Tensor leaf;
        try (InferenceMode off = new InferenceMode(false)) {
            TensorVector parts = new TensorVector();
            for (String name : names) {
                parts.push_back(tensors.get(name).detach());
            }
            leaf = torch.cat(parts, 0);
        }
        leaf.set_requires_grad(true);
        leaf.retainReference(); // outlives the scope of the pass that asks for it
        long from = 0;
        for (String name : names) {
            long rows = tensors.get(name).size(0);
            trained.removeIf(part -> part.name().equals(name));
            trained.add(new Part(name, leaf, from, rows));
            from += rows;
        }
        return leaf;
    }

    /** As {@code zero_grad(set_to_none=True)}: the next backward pass writes gradients and does not add to them. */
    void dropGradients() {
        for (Part part : trained) {
            part.leaf().mutable_grad().reset();
        }
    }

    void close() {
        tensors.values().forEach(Tensor::close);
    }

    /** Adds up the sparse gradients, of which the backward pass only notes the terms. */
    void addUpGradients() {
        for (Part part : trained) {
            Tensor gradient = part.leaf().grad();
            if (gradient.is_sparse()) {
                gradient.coalesce();
            }
        }
    }

    void putGradients(Map<String, float[]> values) {
        for (Part part : trained) {
            Tensor gradient = part.leaf().grad();
            gradient = gradient.is_sparse() ? gradient.to_dense() : gradient;
            values.put("d" + part.name(), LibTorchLayer.floats(gradient.narrow(0, part.from(), part.rows())));
        }
    }
}
