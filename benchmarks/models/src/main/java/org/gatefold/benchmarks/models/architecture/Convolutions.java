package org.gatefold.benchmarks.models.architecture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.convolution.Conv1d;
import org.gatefold.layer.norm.BatchNorm;

/**
 * Convolutions over time that keep every step, each followed by ReLU.
 *
 * @param kernels steps that each of them looks at
 * @param normalised whether each is followed by batch normalisation
 */
record Convolutions(int filters, List<Integer> kernels, boolean normalised) implements Part {
    @Override
    public List<Layer> layers(Size in) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < kernels.size(); i++) {
            layers.add(Conv1d.of(filters, kernels.get(i)).same().named("conv" + i));
            if (normalised) {
                layers.add(BatchNorm.create().named("norm" + i));
            }
            layers.add(ActivationLayer.relu());
        }
        return layers;
    }

    /** By convolutions over images of one row, whose channels lie last: that takes sequences as they are, but for rows and steps. */
    @Override
    public Tensor forward(Tensor x, Size in, TorchWeights weights) {
        Tensor y = x.permute(1, 2, 0).unsqueeze(2).contiguous(weights.layout());
        for (int i = 0; i < kernels.size(); i++) {
            y = torch.conv2d(
                    y,
                    weights.get("conv" + i + ".w").unsqueeze(2),
                    new TensorOptional(weights.get("conv" + i + ".b")),
                    new long[] {1, 1},
                    new long[] {0, kernels.get(i) / 2},
                    new long[] {1, 1},
                    1);
            y = (normalised ? weights.batchNorm(y, "norm" + i) : y).relu_();
        }
        return y.squeeze(2).permute(2, 0, 1).contiguous();
    }

    @Override
    public Size output(Size in) {
        return in.with(filters);
    }

    @Override
    public Products products(Size in) {
        double each = (double) in.steps() * filters;
        double above = 0;
        for (int kernel : kernels.subList(1, kernels.size())) {
            above += each * filters * kernel;
        }
        return new Products(each * in.features() * kernels.get(0), above);
    }

    /** One convolution, without normalisation. */
    static Convolutions plain(int filters, int kernel) {
        return new Convolutions(filters, Collections.singletonList(kernel), false);
    }
}
