package org.gatefold.contract.recurrent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.contract.Guarded;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** One case brought to a device, with guarded tensors for every argument and every result. One thread at a time. */
public final class RecurrentRun implements AutoCloseable {
    final RecurrentPlan plan;
    final Tensor x;
    final Lengths lengths;
    final RecurrentState initial;
    final RecurrentWeights weights;
    final Tensor dy;
    final RecurrentState dLast;
    final Tensor y;
    final RecurrentState last;
    final Tensor dx;
    final RecurrentState dInitial;
    final RecurrentWeights dWeights;
    final Reserve reserve;

    private final RecurrentCase given;
    private final Guarded guarded;

    /** A run with aligned tensors, everything wanted. */
    public RecurrentRun(RecurrentOp op, Scope scope, RecurrentCase given, Mode mode) {
        this(op, scope, given, mode, Guarded.ALIGNED);
    }

    @SuppressWarnings("MustBeClosedChecker") // the plan is closed by close()
    RecurrentRun(RecurrentOp op, Scope scope, RecurrentCase given, Mode mode, int margin) {
        this.given = given;
        this.guarded = new Guarded(scope, margin);
        RecurrentSpec spec = given.spec();
        int[] in = {spec.steps(), spec.batch(), spec.inputSize()};
        int[] out = {spec.steps(), spec.batch(), spec.outputSize()};
        int[] ofH = {spec.weightSets(), spec.batch(), spec.projectionSize()};
        int[] ofC = {spec.weightSets(), spec.batch(), spec.hiddenSize()};
        boolean cell = spec.cell().hasCellState();
        x = guarded.input("x", given.x(), in);
        lengths = given.lengths() == null ? null : scope.lengths(spec.steps(), given.lengths());
        initial = given.h0() == null
                ? null
                : new RecurrentState(guarded.input("h0", given.h0(), ofH), guarded.inputOrNull("c0", given.c0(), ofC));
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        List<RecurrentWeights.Set> gradients = new ArrayList<>();
        int gateRows = spec.gateRows();
        int[] ofProjection = {spec.projectionSize(), spec.hiddenSize()};
        boolean peepholes = spec.options().peepholes();
        boolean norm = spec.options().layerNorm();
        int normSize = RecurrentCase.normSize(spec);
        for (int set = 0; set < spec.weightSets(); set++) {
            int width = spec.inputOf(set / spec.directions());
            boolean skips = spec.skipsInput(set / spec.directions());
            int biases = given.b().get(set).length;
            sets.add(new RecurrentWeights.Set(
                    skips ? null : guarded.input("wx", given.wx().get(set), gateRows, width),
                    guarded.input("wh", given.wh().get(set), gateRows, spec.projectionSize()),
                    guarded.input("b", given.b().get(set), biases),
                    peepholes ? guarded.input("p", given.p().get(set), 3 * spec.hiddenSize()) : null,
                    spec.projects() ? guarded.input("wr", given.wr().get(set), ofProjection) : null,
                    norm ? guarded.input("norm", given.norm().get(set), normSize) : null));
            gradients.add(new RecurrentWeights.Set(
                    skips ? null : guarded.accumulator("dWx", 0f, gateRows, width),
                    guarded.accumulator("dWh", 0f, gateRows, spec.projectionSize()),
                    guarded.accumulator("db", 0f, biases),
                    peepholes ? guarded.accumulator("dp", 0f, 3 * spec.hiddenSize()) : null,
                    spec.projects() ? guarded.accumulator("dWr", 0f, ofProjection) : null,
                    norm ? guarded.accumulator("dNorm", 0f, normSize) : null));
        }
        weights = new RecurrentWeights(sets);
        dWeights = new RecurrentWeights(gradients);
        dy = guarded.inputOrNull("dy", given.dy(), out);
        dLast = given.dhn() == null
                ? null
                : new RecurrentState(
                        guarded.input("dhn", given.dhn(), ofH), guarded.inputOrNull("dcn", given.dcn(), ofC));
        y = guarded.output("y", out);
        last = new RecurrentState(guarded.output("hn", ofH), cell ? guarded.output("cn", ofC) : null);
        dx = guarded.output("dx", in);
        dInitial = new RecurrentState(guarded.output("dh0", ofH), cell ? guarded.output("dc0", ofC) : null);
        plan = op.plan(scope, spec, mode);
        plan.setWeights(weights);
        reserve = mode == Mode.TRAINING ? plan.reserve(scope) : null;
    }

    /** All outputs and gradients of one training step. */
    public static Map<String, float[]> training(RecurrentOp op, Scope scope, RecurrentCase given) {
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING)) {
            run.forward();
            run.backward();
            return run.results();
        }
    }

    /** Outputs of one inference pass. */
    public static Map<String, float[]> inference(RecurrentOp op, Scope scope, RecurrentCase given) {
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.INFERENCE)) {
            run.infer();
            return run.outputs();
        }
    }

    void infer() {
        plan.infer(x, lengths, initial, y, last);
    }

    /** One forward pass of training. */
    public void forward() {
        plan.forward(x, lengths, initial, y, last, reserve, given.seed());
    }

    /** The backward pass of the forward pass before; adds to the gradients of the weights. */
    public void backward() {
        plan.backward(x, lengths, initial, y, dy, dLast, dx, dInitial, dWeights, reserve);
    }

    /** Outputs and final states, after a look at the margins. */
    Map<String, float[]> outputs() {
        guarded.check();
        Map<String, float[]> results = new LinkedHashMap<>();
        results.put("y", y.toFloats());
        results.put("hn", last.h().toFloats());
        if (last.c() != null) {
            results.put("cn", last.c().toFloats());
        }
        return results;
    }

    /** Outputs, final states and gradients, after a look at the margins. */
    public Map<String, float[]> results() {
        Map<String, float[]> results = outputs();
        results.put("dx", dx.toFloats());
        results.put("dh0", dInitial.h().toFloats());
        if (dInitial.c() != null) {
            results.put("dc0", dInitial.c().toFloats());
        }
        results.putAll(weightGradients());
        return results;
    }

    Map<String, float[]> weightGradients() {
        Map<String, float[]> results = new LinkedHashMap<>();
        for (int set = 0; set < dWeights.sets().size(); set++) {
            for (RecurrentWeights.Part part :
                    given.spec().parts(set / given.spec().directions())) {
                results.put(
                        part.gradient() + "[" + set + "]",
                        dWeights.sets().get(set).get(part).toFloats());
            }
        }
        return results;
    }

    /** Closes the plan. */
    @Override
    public void close() {
        plan.close();
    }
}
