package org.gatefold.benchmarks.operations;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** A function of scores that gives a loss, and with it the gradient of the scores, on Gatefold's CPU device. */
final class GatefoldScores implements Side {
    private final Device device;
    private final Scope scope;
    private final Tensor scores;
    private final Tensor loss;
    private final Tensor gradient;
    private final Loss function;

    /** Writes a loss, and the gradient unless that is null. */
    interface Loss {
        void of(Tensor scores, Tensor loss, Tensor gradient);
    }

    /**
     * Takes the scores from -0.5 to 0.5 at random.
     *
     * @param results numbers of the loss
     * @param made makes the function with what it reads beside the scores
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    GatefoldScores(Shape shape, int results, int threads, Function<Scope, Loss> made) {
        device = Devices.cpu(threads);
        scope = device.openScope("operation");
        scores = scope.f32("scores", shape);
        scores.write(Numbers.floats(shape.elements(), 1));
        loss = scope.f32("loss", results);
        gradient = scope.f32("gradient", shape);
        function = made.apply(scope);
    }

    float[] scores() {
        return scores.toFloats();
    }

    long[] sizes() {
        return LibTorchLayer.sizes(scores.shape());
    }

    @Override
    public void run(Pass pass) {
        function.of(scores, loss, pass == Pass.FORWARD ? null : gradient);
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        run(pass);
        Map<String, float[]> values = new LinkedHashMap<>();
        values.put("y", loss.toFloats());
        if (pass == Pass.TRAINING) {
            values.put("dx", gradient.toFloats());
        }
        return values;
    }

    @Override
    public void close() {
        scope.close();
        device.close();
    }
}
