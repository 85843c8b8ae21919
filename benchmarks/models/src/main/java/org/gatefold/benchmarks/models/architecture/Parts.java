package org.gatefold.benchmarks.models.architecture;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.pooling.TimePooling;

/** The parts of models that are not recurrent and no convolutions. Stateless. */
final class Parts {
    private Parts() {}

    /** Vectors of ids. */
    record Embedded(int vocabulary, int features) implements Part {
        @Override
        public List<Layer> layers(Size in) {
            return List.of(Embedding.of(vocabulary, features).named("embedding"));
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            return torch.embedding(weights.get("embedding.w"), x);
        }

        @Override
        public Size output(Size in) {
            return in.with(features);
        }
    }

    /** The largest of each feature over the steps. */
    record Largest() implements Part {
        @Override
        public List<Layer> layers(Size in) {
            return List.of(TimePooling.max());
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            return x.amax(new long[] {0}, false);
        }

        @Override
        public Size output(Size in) {
            return Size.row(in.features());
        }
    }

    /** A linear layer, of every step where there are steps. */
    record Mapped(int outputs) implements Part {
        @Override
        public List<Layer> layers(Size in) {
            return List.of(Linear.of(outputs).named("linear"));
        }

        @Override
        public Tensor forward(Tensor x, Size in, TorchWeights weights) {
            return torch.linear(x, weights.get("linear.w"), new TensorOptional(weights.get("linear.b")));
        }

        @Override
        public Size output(Size in) {
            return in.with(outputs);
        }

        @Override
        public Products products(Size in) {
            return new Products((double) in.count() * in.features() * outputs, 0);
        }
    }
}
