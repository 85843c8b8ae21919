package org.gatefold.benchmarks.models.architecture;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.convolution.Conv2d;
import org.gatefold.layer.form.Flatten;
import org.gatefold.layer.form.Permute;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.norm.BatchNorm;
import org.gatefold.layer.pooling.MaxPool2d;

/** The parts of models that read images {@code C, H, W}, or films, sequences of such; in libtorch all frames are images of one batch. */
final class Images {
    private Images() {}

    /**
     * A convolution of 3 by 3 that keeps the sides, batch normalisation, ReLU.
     *
     * @param halved whether the largest of each 2 by 2 follows
     */
    record Convolved(int index, int filters, boolean halved) implements Part {
        @Override
        public List<Layer> layers(Size in) {
            List<Layer> layers = new ArrayList<>(List.of(
                    Conv2d.of(filters, 3, 3).same().named("conv" + index),
                    BatchNorm.create().named("norm" + index),
                    ActivationLayer.relu()));
            if (halved) {
                layers.add(MaxPool2d.of(2, 2));
            }
            return layers;
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            Tensor y = torch.conv2d(
                    x,
                    weights.get("conv" + index + ".w"),
                    new TensorOptional(weights.get("conv" + index + ".b")),
                    new long[] {1, 1},
                    new long[] {1, 1},
                    new long[] {1, 1},
                    1);
            y = weights.batchNorm(y, "norm" + index).relu_();
            return halved ? torch.max_pool2d(y, 2, 2) : y;
        }

        @Override
        public Size output(Size in) {
            int by = halved ? 2 : 1;
            return in.with(filters, in.dimensions().get(1) / by, in.dimensions().get(2) / by);
        }

        @Override
        public Products products(Size in) {
            return new Products(9.0 * in.count() * in.features() * filters, 0);
        }
    }

    /** The rows of an image as steps. */
    record Rows() implements Part {
        @Override
        public List<Layer> layers(Size in) {
            Size out = output(in);
            return List.of(Permute.of(2, 1, 3), Reshape.of(out.steps(), out.features()), ToSequence.create());
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            return x.permute(2, 0, 1, 3)
                    .reshape(output(in).steps(), x.size(0), output(in).features());
        }

        @Override
        public Size output(Size in) {
            List<Integer> sides = in.dimensions();
            return Size.sequence(sides.get(1), sides.get(0) * sides.get(2));
        }
    }

    /** Each frame as a vector. */
    record Frames() implements Part {
        @Override
        public List<Layer> layers(Size in) {
            return List.of(Flatten.create());
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            return x.reshape(in.steps(), x.size(0) / in.steps(), in.features());
        }

        @Override
        public Size output(Size in) {
            return in.with(in.features());
        }
    }
}
