package org.gatefold.benchmarks.gatefold;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Results;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.device.Stopwatch;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A plan with the weights, input and outputs of a workload; the parameters, and in training their gradients, lie in one
 * flat buffer each. Owns the device and all memory; for one thread.
 */
final class GatefoldModel implements AutoCloseable {
    static final String HOST = "cpu";

    private final Device device;
    private final Scope scope;
    private final LayerShape shape;
    private final RecurrentPlan plan;
    private final List<Segments.Segment> segments = new ArrayList<>();
    private final Tensor parameters;
    private final Tensor gradients;
    private final RecurrentWeights weights;
    private final RecurrentWeights weightGradients;
    private final Tensor x;
    private final RecurrentState initial;
    private final Tensor y;
    private final RecurrentState last;
    private final Stopwatch stopwatch;
    private final Reserve reserve;

    /** Takes over the device. */
    @SuppressWarnings("MustBeClosedChecker") // scope and stopwatch are closed by close(), the plan by the scope
    GatefoldModel(Device device, RecurrentOp op, Workload workload, RecurrentSpec spec, Mode mode) {
        this.device = device;
        shape = workload.shape();
        scope = device.openScope("benchmark");
        plan = scope.own(op.plan(scope, spec, mode));
        int size = Math.toIntExact(spec.parameters());
        parameters = scope.zeros("parameters", size);
        weights = weights(parameters, spec, true);
        write(workload);
        gradients = mode == Mode.TRAINING ? scope.zeros("gradients", size) : null;
        weightGradients = mode == Mode.TRAINING ? weights(gradients, spec, false) : null;
        x = scope.f32("x", shape.steps(), shape.batch(), shape.inputSize());
        x.write(workload.x());
        y = scope.f32("y", shape.steps(), shape.batch(), shape.outputSize());
        initial = shape.carriesState() ? state("initial", spec) : null;
        if (initial != null) {
            initial.h().write(workload.h0());
            if (initial.c() != null) {
                initial.c().write(workload.c0());
            }
        }
        last = state("last", spec);
        reserve = mode == Mode.TRAINING ? plan.reserve(scope) : null;
        plan.setWeights(weights);
        stopwatch = device.openStopwatch();
    }

    static RecurrentSpec spec(LayerShape shape, Precision precision) {
        return RecurrentSpec.of(
                        Cell.valueOf(shape.cell().name()),
                        shape.steps(),
                        shape.batch(),
                        shape.inputSize(),
                        shape.hiddenSize())
                .withLayers(shape.layers())
                .withDirection(shape.directions() == 2 ? Direction.BIDIRECTIONAL : Direction.FORWARD)
                .withPrecision(precision);
    }

    private RecurrentState state(String name, RecurrentSpec spec) {
        Tensor h = scope.f32(name + ".h", spec.weightSets(), spec.batch(), spec.hiddenSize());
        return spec.cell().hasCellState()
                ? new RecurrentState(h, scope.f32(name + ".c", spec.weightSets(), spec.batch(), spec.hiddenSize()))
                : new RecurrentState(h, null);
    }

    /** The weight sets as parts of a flat buffer, one after the other. */
    private RecurrentWeights weights(Tensor flat, RecurrentSpec spec, boolean recordSegments) {
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        long offset = 0;
        for (int index = 0; index < spec.weightSets(); index++) {
            Shape[] shapes = {
                Shape.of(spec.gateRows(), spec.inputOf(index / spec.directions())),
                Shape.of(spec.gateRows(), spec.hiddenSize()),
                Shape.of(spec.biasSize())
            };
            String[] names = {"wx", "wh", "b"};
            Tensor[] parts = new Tensor[3];
            for (int which = 0; which < 3; which++) {
                String name = names[which] + index;
                parts[which] = flat.part(name, offset, shapes[which]);
                if (recordSegments) {
                    segments.add(new Segments.Segment(name, offset, shapes[which].elements(), 1f, 1f));
                }
                offset += shapes[which].elements();
            }
            sets.add(new RecurrentWeights.Set(parts[0], parts[1], parts[2]));
        }
        return new RecurrentWeights(sets);
    }

    private void write(Workload workload) {
        for (int index = 0; index < weights.sets().size(); index++) {
            int layer = index / shape.directions();
            int direction = index % shape.directions();
            RecurrentWeights.Set set = weights.sets().get(index);
            set.wx().write(workload.wx(layer, direction));
            set.wh().write(workload.wh(layer, direction));
            set.b().write(workload.bias(layer, direction));
        }
    }

    Device device() {
        return device;
    }

    Scope scope() {
        return scope;
    }

    /** The output {@code [T, B, directions * H]}, written by {@link #infer} and {@link #forward}. */
    Tensor y() {
        return y;
    }

    Tensor parameters() {
        return parameters;
    }

    Tensor gradients() {
        return gradients;
    }

    Segments segments() {
        return new Segments(segments);
    }

    void infer() {
        plan.infer(x, null, initial, y, last);
    }

    /** The forward pass of a training iteration: the weights are taken anew, as after an update. */
    void forward() {
        plan.setWeights(weights);
        plan.forward(x, null, initial, y, last, reserve, 0);
    }

    /** The gradients of the weights from zero, and that of the input unless {@code dx} is null. */
    void backward(Tensor dy, Tensor dx) {
        gradients.fill(0f);
        plan.backward(x, null, initial, y, dy, null, dx, null, weightGradients, reserve);
    }

    Results outputs() {
        Results results =
                new Results().put("y", y.toFloats()).put("hn", last.h().toFloats());
        return last.c() == null ? results : results.put("cn", last.c().toFloats());
    }

    void addGradients(Results results) {
        for (int index = 0; index < weightGradients.sets().size(); index++) {
            int layer = index / shape.directions();
            int direction = index % shape.directions();
            RecurrentWeights.Set set = weightGradients.sets().get(index);
            results.put(Results.ofWeight("dWx", layer, direction), set.wx().toFloats());
            results.put(Results.ofWeight("dWh", layer, direction), set.wh().toFloats());
            results.put(Results.ofWeight("db", layer, direction), set.b().toFloats());
        }
    }

    void synchronize() {
        device.synchronize();
    }

    /** Time of so many passes in a row by the device's own clock, in nanoseconds; {@code pass} submits one. */
    double nanos(Runnable pass, int passes) {
        stopwatch.start();
        for (int i = 0; i < passes; i++) {
            pass.run();
        }
        return stopwatch.stopMillis() * 1e6;
    }

    /** Bytes of the device beside those of the host. */
    long deviceBytes() {
        return onHost() ? 0 : device.bytesInUse();
    }

    boolean onHost() {
        return device.name().equals(HOST);
    }

    @Override
    public void close() {
        stopwatch.close();
        scope.close();
        device.close();
    }
}
