package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.layer.Context;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.recurrent.norm.InputNorm;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.op.sequence.SequenceOp;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * The weights of a recurrent layer and its passes as recorded operations; shared by the layer and its cells.
 *
 * <p>Immutable but for the parameters; several threads may run it, each in a context of its own.
 */
final class Recurrent {
    private final RecurrentSpec form;
    private final ParameterStore store;
    private final List<Parameter> parameters;
    private final boolean repeatsOutput;
    private final DroppedWeights dropped;

    /** The layers where their input products are normalised; otherwise null. */
    private final NormedLayers normed;

    /** The options where no masks are active. */
    private final CellOptions expected;

    /** The spec asked for last: batches are mostly alike. */
    private volatile RecurrentSpec latest;

    private RecurrentWeights weights;
    private RecurrentWeights gradients;

    /** The output {@code [T, B, D·P]} and the states after the last valid steps; states are null if not asked for. */
    record Result(Variable y, LayerState last) {}

    /**
     * @param form sizes and options; its steps and batch are not used
     * @param parameters the form's parts of every layer and direction in turn; null for a bias that is not there
     * @param repeatsOutput whether steps that a mask leaves out repeat the output before, and do not give zeros
     * @param dropped which recurrent weights are dropped in training
     * @param norms of each layer's input product; none where it is not normalised
     */
    Recurrent(
            RecurrentSpec form,
            ParameterStore store,
            List<Parameter> parameters,
            boolean repeatsOutput,
            DroppedWeights dropped,
            List<InputNorm> norms) {
        this.form = form;
        this.latest = form;
        CellNoise noise = form.options().noise();
        this.expected =
                noise.equals(CellNoise.NONE) ? form.options() : form.options().withNoise(noise.inference());
        this.store = store;
        this.parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
        this.repeatsOutput = repeatsOutput;
        this.dropped = dropped;
        this.normed = norms.isEmpty() ? null : new NormedLayers(this, store, layers(), norms);
    }

    /** Every layer by itself. */
    private List<Recurrent> layers() {
        List<Recurrent> layers = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < form.layers(); i++) {
            RecurrentSpec one = form.ofLayer(i);
            int end = first + one.directions() * one.parts(0).size();
            layers.add(new Recurrent(
                    one, store, parameters.subList(first, end), repeatsOutput, dropped.ofLayer(i), List.of()));
            first = end;
        }
        return layers;
    }

    /** Whether input products are normalised by statistics of a batch in training. */
    boolean isNormed() {
        return normed != null;
    }

    RecurrentSpec form() {
        return form;
    }

    /** Grows with every change of the weights. */
    long weightsVersion() {
        return store.version();
    }

    synchronized RecurrentWeights weights() {
        if (weights == null) {
            weights = sets(Parameter::value);
        }
        return weights;
    }

    /** The weights by which inference computes. */
    RecurrentWeights weights(Device device) {
        return normed == null ? weights() : normed.weights(device);
    }

    private synchronized RecurrentWeights gradients() {
        if (gradients == null) {
            gradients = sets(Parameter::gradient);
        }
        return gradients;
    }

    private RecurrentWeights sets(Function<Parameter, Tensor> tensor) {
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        for (int set = 0; set < form.weightSets(); set++) {
            List<Tensor> tensors = new ArrayList<>();
            for (Parameter parameter : parameters(set)) {
                // The gradient of a bias that is not there goes nowhere.
                tensors.add(
                        parameter == null
                                ? store.zeros("no bias", Shape.of(form.biasSize()))
                                : tensor.apply(parameter));
            }
            sets.add(RecurrentWeights.Set.of(parts(set), tensors));
        }
        return new RecurrentWeights(sets);
    }

    /** The parts of a layer and direction. */
    List<RecurrentWeights.Part> parts(int set) {
        return form.parts(set / form.directions());
    }

    /** The parameters of a layer and direction, in the order of their parts. */
    List<Parameter> parameters(int set) {
        int first = 0;
        for (int before = 0; before < set; before++) {
            first += parts(before).size();
        }
        return parameters.subList(first, first + parts(set).size());
    }

    /** Whether steps that a mask leaves out repeat the output before. */
    boolean repeatsOutput() {
        return repeatsOutput;
    }

    /** The spec for a batch; masks only where they are active, so that plans are shared by cases that do the same. */
    RecurrentSpec spec(int steps, int batch, boolean masks) {
        float active = masks && form.layers() > 1 ? form.dropout() : 0f;
        CellOptions options = masks ? form.options() : expected;
        RecurrentSpec before = latest;
        if (before.steps() == steps
                && before.batch() == batch
                && before.dropout() == active
                && before.options().equals(options)) {
            return before;
        }
        RecurrentSpec spec = form.withSize(steps, batch).withDropout(active).withOptions(options);
        latest = spec;
        return spec;
    }

    /**
     * Runs over a batch.
     *
     * @param x {@code [T, B, I]}
     * @param initial null means zeros
     * @param wantLast whether the states at the end are asked for
     */
    Result run(Context context, Variable x, LayerState initial, boolean wantLast) {
        return run(context, x, initial, wantLast, null);
    }

    /**
     * As {@link #run(Context, Variable, LayerState, boolean)}.
     *
     * @param shown the output of the last step before x, {@code [1, B, P]}, which steps repeat that are left out; null for zeros
     */
    Result run(Context context, Variable x, LayerState initial, boolean wantLast, Tensor shown) {
        Variable real = RealSteps.gather(context, x);
        Result result = runReal(context, real, initial, wantLast);
        if (real == x) {
            return result;
        }
        if (shown != null) {
            return new Result(RealSteps.scatterOn(context, result.y(), x.lengths(), shown), result.last());
        }
        boolean[] reverse = new boolean[form.directions()];
        reverse[reverse.length - 1] = form.direction() != Direction.FORWARD;
        return new Result(RealSteps.scatter(context, result.y(), x.lengths(), reverse, repeatsOutput), result.last());
    }

    private Result runReal(Context context, Variable x, LayerState initial, boolean wantLast) {
        if (normed != null && (context.tape() != null || !InputNorm.takesRunning(context))) {
            return normed.run(context, x, initial, wantLast);
        }
        LayerState last = wantLast ? states(context, x, initial) : null;
        return new Result(pass(context, x, initial, last, null), last);
    }

    /**
     * Runs over the real steps of a batch.
     *
     * @param last states at the end, written; null if not wanted
     * @param folded what stands in the place of weights; null for the layer's own
     * @return y
     */
    Variable pass(Context context, Variable x, LayerState initial, LayerState last, InputNorm.Folded folded) {
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        RecurrentSpec spec = spec(steps, batch, context.isTraining());
        RecurrentPlan plan = plan(context, spec, folded);
        boolean differentiable = requiresGradient(x, initial) || (folded != null && folded.requiresGradient());
        Variable y = context.output("y", differentiable, x.lengths(), Shape.of(steps, batch, spec.outputSize()));
        RecurrentState initialValues = initial == null ? null : initial.values();
        RecurrentState lastValues = last == null ? null : last.values();
        if (context.tape() == null) {
            plan.infer(x.value(), x.lengths(), initialValues, y.value(), lastValues);
            return y;
        }
        Reserve reserve = plan.reserve(context.scope());
        long seed = spec.draws() ? context.nextDropoutSeed() : 0;
        plan.forward(x.value(), x.lengths(), initialValues, y.value(), lastValues, reserve, seed);
        if (differentiable) {
            context.tape().record(() -> backward(context, plan, x, initial, y, last, reserve, folded));
        }
        return y;
    }

    private boolean requiresGradient(Variable x, LayerState initial) {
        return isTrainable() || x.requiresGradient() || (initial != null && initial.requiresGradient());
    }

    private RecurrentPlan plan(Context context, RecurrentSpec spec, InputNorm.Folded folded) {
        boolean drops = dropped.active(context);
        if (folded != null) {
            return context.plan(this, RecurrentOp.FAMILY, spec, folded.version(), made -> {
                RecurrentWeights given = folded.of(weights());
                made.setWeights(drops ? dropped.of(context, given) : given);
            });
        }
        return drops
                ? context.plan(
                        this,
                        RecurrentOp.FAMILY,
                        spec,
                        dropped.version(context, store.version()),
                        made -> made.setWeights(dropped.of(context, weights())))
                : context.plan(
                        this,
                        RecurrentOp.FAMILY,
                        spec,
                        store.version(),
                        made -> made.setWeights(weights(context.device())));
    }

    private void backward(
            Context context,
            RecurrentPlan plan,
            Variable x,
            LayerState initial,
            Variable y,
            LayerState last,
            Reserve reserve,
            InputNorm.Folded folded) {
        Tensor dy = y.hasGradient() ? y.gradient() : null;
        RecurrentState dLast = last != null && last.hasGradient() ? last.gradients() : null;
        if (dy == null && dLast == null) {
            return;
        }
        Tensor dx = x.requiresGradient() ? x.contribution() : null;
        boolean wantInitial = initial != null && initial.requiresGradient();
        RecurrentState dInitial = wantInitial ? initial.contribution(context) : null;
        RecurrentWeights dWeights = gradients(folded);
        boolean drops = dWeights != null && dropped.active(context);
        RecurrentWeights written = drops ? dropped.apart(context, dWeights) : dWeights;
        if (folded != null) {
            // Another pass of the step may have given the plan weights of its own.
            plan(context, plan.spec(), folded);
        }
        plan.backward(
                x.value(),
                x.lengths(),
                initial == null ? null : initial.values(),
                y.value(),
                dy,
                dLast,
                dx,
                dInitial,
                written,
                reserve);
        if (drops) {
            dropped.add(context, written, dWeights);
        }
        if (dx != null) {
            x.contributed(dx);
        }
        if (wantInitial) {
            initial.contributed(dInitial);
        }
        if (dWeights != null) {
            for (Parameter parameter : parameters) {
                if (parameter != null && parameter.isFrozen()) {
                    parameter.gradient().fill(0f);
                }
            }
        }
    }

    /** Where gradients of weights are added; null if none is wanted. */
    private RecurrentWeights gradients(InputNorm.Folded folded) {
        if (folded != null) {
            return folded.requiresGradient() ? folded.gradients(gradients()) : null;
        }
        return isTrainable() ? gradients() : null;
    }

    boolean isTrainable() {
        if (normed != null) {
            return normed.isTrainable();
        }
        for (Parameter parameter : parameters) {
            if (parameter != null && !parameter.isFrozen()) {
                return true;
            }
        }
        return false;
    }

    /** States after a pass. */
    LayerState states(Context context, Variable x, LayerState initial) {
        boolean differentiable = requiresGradient(x, initial);
        Shape ofH = Shape.of(form.weightSets(), x.shape().dim(1), form.projectionSize());
        Variable h = context.output("h", differentiable, null, ofH);
        Shape ofC = form.projects() ? ofH.withLast(form.hiddenSize()) : ofH;
        Variable c = form.cell().hasCellState() ? context.output("c", differentiable, null, ofC) : null;
        return new LayerState(h, c);
    }

    /**
     * The output of each row's last valid step: the top layer's final state, the two directions side by side.
     *
     * @return {@code [B, D·P]}
     */
    Variable top(Context context, LayerState last) {
        Shape one = Shape.of(last.h().shape().dim(1), form.projectionSize());
        long size = one.elements();
        long first = (form.layers() - 1L) * form.directions() * size;
        Variable forward = last.h().part("last y", first, one);
        if (form.direction() != Direction.BIDIRECTIONAL) {
            return forward;
        }
        Variable reverse = last.h().part("last y", first + size, one);
        Variable y = context.output("last y", last.h().requiresGradient(), null, one.withLast(form.outputSize()));
        context.op(SequenceOp.class).concatenate(forward.value(), reverse.value(), y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                if (last.h().hasGradient()) {
                    Tensor dForward = forward.contribution();
                    Tensor dReverse = reverse.contribution();
                    context.op(SequenceOp.class).split(y.gradient(), dForward, dReverse);
                    forward.contributed(dForward);
                    reverse.contributed(dReverse);
                } else {
                    context.op(SequenceOp.class).split(y.gradient(), forward.gradient(), reverse.gradient());
                }
            });
        }
        return y;
    }

    /**
     * Reports what a pass of a layer and its way back take.
     *
     * @param sequences whether the layer gives all outputs
     * @param told whether states at the end are read beside the output
     * @param stateful whether it takes up states and keeps them
     */
    void account(StepMemory memory, int steps, int batch, boolean sequences, boolean told, boolean stateful) {
        RecurrentSpec spec = spec(steps, batch, true);
        if (normed == null) {
            memory.plan(RecurrentOp.FAMILY, spec);
            accountDropped(memory);
        } else {
            normed.account(memory, steps, batch);
        }
        long outputs = (long) steps * batch * spec.outputSize();
        memory.tensor(outputs);
        if (sequences) {
            memory.tensor(outputs);
        }
        long rows = (long) spec.weightSets() * batch;
        int kinds = spec.cell().hasCellState() ? 2 : 1;
        for (int i = 0; i < kinds; i++) {
            long states = rows * (i == 0 ? spec.projectionSize() : spec.hiddenSize());
            if (stateful) {
                memory.tensor(states);
            }
            if (stateful || told || !sequences) {
                memory.tensor(states);
            }
            if (told || !sequences) {
                memory.tensor(states);
            }
        }
        if (!sequences && form.direction() == Direction.BIDIRECTIONAL) {
            memory.differentiable((long) batch * spec.outputSize());
        }
    }

    /** Reports what gradients of initial states take beyond those states. */
    void accountInitial(StepMemory memory, int batch) {
        // Layers that compute by themselves contribute to parts, the first of them to the whole.
        for (int i = 1; normed != null && i < form.layers(); i++) {
            long rows = (long) form.directions() * batch;
            memory.tensor(rows * form.projectionSize());
            if (form.cell().hasCellState()) {
                memory.tensor(rows * form.hiddenSize());
            }
        }
    }

    /** Reports what recurrent weights take that are dropped. */
    void accountDropped(StepMemory memory) {
        dropped.account(memory, form);
    }
}
