package org.gatefold.benchmarks.models.architecture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.layer.Parameter;

/**
 * The weights of a model as leaves of libtorch's graph, under the names that Gatefold has for them, and the states that recurrent layers
 * carry from batch to batch. Freed with the scope of pointers that it is made in.
 */
public final class TorchWeights {
    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<Tensor> trained = new ArrayList<>();
    private final Map<List<String>, TensorVector> ofLayers = new HashMap<>();
    private final Map<String, TensorVector> zeros = new HashMap<>();
    private final Map<String, TensorVector> carried = new HashMap<>();
    private final torch.MemoryFormat layout;

    /**
     * Copies.
     *
     * @param layout of images and of the weights of convolutions
     */
    public TorchWeights(Iterable<Parameter> parameters, torch.MemoryFormat layout) {
        this.layout = layout;
        for (Parameter parameter : parameters) {
            Tensor values = Tensor.create(
                    parameter.value().toFloats(),
                    Arrays.stream(parameter.shape().toArray()).asLongStream().toArray());
            Tensor leaf = values.dim() == 4 ? values.contiguous(layout) : values;
            tensors.put(parameter.name(), leaf);
            if (!parameter.isStatistic()) {
                leaf.set_requires_grad(true);
                trained.add(leaf);
            }
        }
    }

    torch.MemoryFormat layout() {
        return layout;
    }

    Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("weights: expected one of " + tensors.keySet() + ", got " + name);
        }
        return tensor;
    }

    /** Those that are trained. */
    public List<Tensor> trained() {
        return trained;
    }

    /** As {@code zero_grad(set_to_none=True)}: the next backward pass writes gradients and does not add to them. */
    public void dropGradients() {
        trained.forEach(leaf -> leaf.mutable_grad().reset());
    }

    /**
     * As libtorch's LSTM takes them, its second biases zero and not trained: Gatefold has one bias.
     *
     * @param layers names, by which the weights of each direction begin
     */
    TensorVector recurrent(List<String> layers) {
        return ofLayers.computeIfAbsent(layers, names -> {
            TensorVector all = new TensorVector();
            for (String name : names) {
                for (String direction : new String[] {".forward.", ".reverse."}) {
                    if (tensors.containsKey(name + direction + "wx")) {
                        Tensor bias = get(name + direction + "b");
                        all.push_back(get(name + direction + "wx"));
                        all.push_back(get(name + direction + "wh"));
                        all.push_back(bias);
                        all.push_back(torch.zeros_like(bias.detach()));
                    }
                }
            }
            return all.retainReference();
        });
    }

    /** What recurrent layers begin a batch with: what was carried, or else zeros. */
    TensorVector states(String layers, long sets, long batch, long units) {
        TensorVector before = carried.get(layers);
        return before != null
                ? before
                : zeros.computeIfAbsent(layers, name -> new TensorVector(
                                torch.zeros(sets, batch, units), torch.zeros(sets, batch, units))
                        .retainReference());
    }

    /** Keeps states for the next batch, without the way back. */
    void carry(String layers, Tensor h, Tensor c) {
        TensorVector before = carried.put(layers, new TensorVector(h.detach(), c.detach()).retainReference());
        if (before != null) {
            before.releaseReference();
        }
    }

    /** Lets the next batch begin with zeros. */
    public void forgetStates() {
        carried.values().forEach(TensorVector::releaseReference);
        carried.clear();
    }

    /** Over dimension 1, in training. */
    Tensor batchNorm(Tensor x, String name) {
        return torch.batch_norm(
                x,
                new TensorOptional(get(name + ".gamma")),
                new TensorOptional(get(name + ".beta")),
                new TensorOptional(get(name + ".mean")),
                new TensorOptional(get(name + ".variance")),
                true,
                MOMENTUM,
                EPSILON,
                false);
    }
}
