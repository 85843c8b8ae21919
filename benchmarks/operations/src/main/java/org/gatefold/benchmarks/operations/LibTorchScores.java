package org.gatefold.benchmarks.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;

/** The loss of the same scores in libtorch, and their gradient by its way back. */
final class LibTorchScores implements Side {
    private final Tensor scores;
    private final UnaryOperator<Tensor> function;

    LibTorchScores(GatefoldScores like, UnaryOperator<Tensor> function) {
        this.function = function;
        scores = Tensor.create(like.scores(), like.sizes());
        scores.set_requires_grad(true);
    }

    @Override
    public void run(Pass pass) {
        try (PointerScope pointers = new PointerScope()) {
            loss(pass);
        }
    }

    private Tensor loss(Pass pass) {
        if (pass == Pass.FORWARD) {
            try (InferenceMode mode = new InferenceMode(true)) {
                return function.apply(scores);
            }
        }
        scores.mutable_grad().reset();
        Tensor loss = function.apply(scores);
        loss.backward();
        return loss;
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (PointerScope pointers = new PointerScope()) {
            values.put("y", LibTorchLayer.floats(loss(pass)));
            if (pass == Pass.TRAINING) {
                values.put("dx", LibTorchLayer.floats(scores.grad()));
            }
        }
        return values;
    }

    @Override
    public void close() {
        scores.close();
    }
}
