package org.gatefold.layer.cell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.CarriedTensors;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.Pieces;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.Stated;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.recurrent.state.StateExchange;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Applies a {@link CellFunction} step by step: Keras' {@code RNN(cell)}. It runs on every device, one operation after the other, where the
 * built-in layers fuse a step into one.
 *
 * <p>Takes sequences {@code [T, B, I]}; gives the output of each row's last valid step, {@code [B, F]}, zeros for a row of length 0, or with
 * {@link #returnSequences()} all outputs, {@code [T, B, F]}, zeros in padding. A step computes only the rows that have not ended, so that
 * padding costs nothing. Parameters are named {@code NAME.} and what the cell calls them.
 */
public final class CellLoop extends Layer implements Stated {
    private final CellFunction cell;
    private boolean reverse;
    private boolean returnSequences;
    private boolean stateful;
    private boolean zeroOutputForMask;
    private List<CellParts.State> states;

    /** What is wanted of the states at the end of a pass. */
    private enum Ends {
        NOTHING,
        /** To carry them on. */
        VALUES,
        /** With gradients through them. */
        VARIABLES
    }

    private CellLoop(CellFunction cell) {
        this.cell = cell;
    }

    /** A layer of a cell, which is this layer's from then on. */
    public static CellLoop of(CellFunction cell) {
        return new CellLoop(cell);
    }

    static CellLoop described(Options options) {
        CellLoop loop = of(Cells.described(options.map("cell")));
        loop.reverse = options.flag("reverse");
        loop.returnSequences = options.flag("returnSequences");
        loop.stateful = options.flag("stateful");
        loop.zeroOutputForMask = options.flag("zeroOutputForMask");
        return loop;
    }

    /** Reads each row from its last valid step to its first. */
    public CellLoop reverse() {
        requireNotBuilt();
        reverse = true;
        return this;
    }

    /** Gives all outputs of the sequence rather than the last. */
    public CellLoop returnSequences() {
        requireNotBuilt();
        returnSequences = true;
        return this;
    }

    /** Starts each batch from the states that the batch before ended with, row by row, in the same context. */
    public CellLoop stateful() {
        requireNotBuilt();
        stateful = true;
        return this;
    }

    /** Gives zeros at steps that a mask leaves out, rather than the output of the real step read before. */
    public CellLoop zeroOutputForMask() {
        requireNotBuilt();
        zeroOutputForMask = true;
        return this;
    }

    @Override
    public CellLoop named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written(
                "cell", Options.written("type", cell.type(), "options", cell.options()),
                "reverse", reverse,
                "returnSequences", returnSequences,
                "stateful", stateful,
                "zeroOutputForMask", zeroOutputForMask);
    }

    @Override
    public boolean carriesStates() {
        return stateful;
    }

    @Override
    public boolean computesIn(Precision precision) {
        return cell.computesIn(precision);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        if (stateful && cell.countsSteps()) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected a cell whose steps do not depend on their number"
                            + " in a stateful layer, got " + cell.type());
        }
        CellParts parts = new CellParts(parameters, name() + ".");
        int features = cell.declare(parts, in.features());
        states = List.copyOf(parts.states());
        return returnSequences ? Form.sequences(features) : Form.rows(features);
    }

    @Override
    protected void stream(StreamStates streamed) {
        if (reverse) {
            throw streamed.refusal(this, "reads later steps before earlier ones");
        }
        if (cell.countsSteps()) {
            throw streamed.refusal(this, "has a cell whose steps depend on their number in the sequence");
        }
        streamed.requireAllSteps(this);
        for (int i = 0; i < states.size(); i++) {
            CellParts.State state = states.get(i);
            streamed.declare(this, "state" + i, 1, state.size(), () -> {
                float[] first = new float[state.size()];
                Arrays.fill(first, state.first());
                return first;
            });
        }
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        StreamStates stream = context.attached(StreamStates.class);
        if (stream != null) {
            return streamed(context, x, stream).output();
        }
        int batch = x.shape().dim(1);
        StateExchange exchange = context.attached(StateExchange.class);
        List<Variable> given = exchange == null ? null : exchange.initial(context, name(), batch, states());
        Outcome outcome = stateful
                ? carry(context, x, given)
                : run(context, x, given, exchange == null ? Ends.NOTHING : Ends.VALUES);
        if (exchange != null) {
            exchange.keep(name(), outcome.states());
        }
        return outcome.output();
    }

    private Outcome carry(Context context, Variable x, List<Variable> given) {
        int batch = x.shape().dim(1);
        Kept kept = context.carried(this, Kept.class, one -> one.batch == batch, scope -> new Kept(scope, batch));
        Outcome outcome = run(context, x, given == null ? kept.copies(context) : given, Ends.VALUES);
        kept.keep(outcome.states());
        return outcome;
    }

    private Outcome streamed(Context context, Variable x, StreamStates stream) {
        List<Variable> before = new ArrayList<>();
        for (int i = 0; i < states.size(); i++) {
            Shape shape = Shape.of(x.shape().dim(1), states.get(i).size());
            before.add(Variable.constant(stream.before(this, i)).reshape(shape.toArray()));
        }
        Outcome outcome = run(context, x, before, Ends.VALUES);
        for (int i = 0; i < states.size(); i++) {
            stream.after(this, i, outcome.states().get(i).value());
        }
        return outcome;
    }

    /**
     * A pass from given states to the states at the end, with gradients through both.
     *
     * @param x {@code [T, B, I]}
     * @param initial states before the first step (in reverse, before the last), each {@code [B, size]}; null means first values, or in a
     *     stream that was asked for this layer's states those of the chunk before
     * @return output, and states {@code [B, size]} behind the last valid step of each row
     */
    public Outcome forward(Context context, Variable x, List<Variable> initial) {
        requireBuilt();
        requireInput(x);
        if (initial == null) {
            StreamStates stream = context.attached(StreamStates.class);
            if (stream != null && stream.has(this)) {
                return streamed(context, x, stream);
            }
        } else {
            if (initial.size() != states.size()) {
                throw new IllegalArgumentException(
                        "initial: expected " + states.size() + " states, got " + initial.size());
            }
            for (int i = 0; i < states.size(); i++) {
                Shape expected = Shape.of(x.shape().dim(1), states.get(i).size());
                if (!initial.get(i).shape().equals(expected)) {
                    throw Shape.mismatch(
                            "initial[" + i + "]",
                            expected.toString(),
                            initial.get(i).shape());
                }
            }
        }
        return run(context, x, initial, Ends.VARIABLES);
    }

    /** Rows of the sizes that the cell declares, in that order. */
    @Override
    public List<Form> states() {
        requireBuilt();
        return states.stream().map(state -> Form.rows(state.size())).toList();
    }

    @Override
    public Outcome outcome(Context context, Variable x, List<Variable> initial) {
        return forward(context, x, initial.isEmpty() ? null : initial);
    }

    private Outcome run(Context context, Variable x, List<Variable> initial, Ends ends) {
        Variable real = RealSteps.gather(context, x);
        RowOrder order = new RowOrder(real, reverse);
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Variable prepared = cell.prepare(context, order.sorted(context, real));
        Shape given = prepared.shape();
        if (given.rank() != 3 || given.dim(0) != steps || given.dim(1) != batch) {
            throw Shape.mismatch(name() + ": prepared", "[" + steps + ", " + batch + ", any]", given);
        }
        int features = output().last();
        CellStates current = first(context, order, batch, initial);
        Pieces outputs = new Pieces();
        List<Pieces> ended = new ArrayList<>();
        if (ends != Ends.NOTHING) {
            states.forEach(state -> ended.add(new Pieces()));
        }
        int rows = batch;
        for (int t = 0; t < steps && rows > 0; t++) {
            int active = order.active(t);
            end(ended, current, active, rows, ends);
            rows = active;
            if (rows > 0) {
                current.begin(t, rows);
                long at = (long) t * batch;
                Variable step = prepared.part("x", at * given.last(), Shape.of(rows, given.last()));
                Variable y = cell.step(context, step, current);
                if (!y.shape().equals(Shape.of(rows, features))) {
                    throw Shape.mismatch(name() + ": output", "[" + rows + ", " + features + "]", y.shape());
                }
                outputs.add(y, at * features);
            }
        }
        end(ended, current, 0, rows, ends);
        return result(
                context, x, real, order, outputs.join(context, "y", real.lengths(), given.withLast(features)), ended);
    }

    private Outcome result(Context context, Variable x, Variable real, RowOrder order, Variable y, List<Pieces> ended) {
        int batch = x.shape().dim(1);
        List<Variable> last = new ArrayList<>();
        for (int i = 0; i < ended.size(); i++) {
            Shape shape = Shape.of(batch, states.get(i).size());
            last.add(order.restoredStates(context, ended.get(i).join(context, "state", null, shape)));
        }
        if (!returnSequences) {
            return new Outcome(order.last(context, y), last);
        }
        Variable restored = order.restored(context, y, real.lengths());
        return new Outcome(
                real == x
                        ? restored
                        : RealSteps.scatter(
                                context, restored, x.lengths(), new boolean[] {reverse}, !zeroOutputForMask),
                last);
    }

    /** Puts by the states of rows that have no further step: all of {@code rows} but the first {@code active}. */
    private static void end(List<Pieces> ended, CellStates current, int active, int rows, Ends ends) {
        for (int i = 0; active < rows && i < ended.size(); i++) {
            Variable state = ends == Ends.VALUES ? current.get(i).detached() : current.get(i);
            int size = state.shape().last();
            long at = (long) active * size;
            ended.get(i).add(state.part("state", at, Shape.of(rows - active, size)), at);
        }
    }

    private CellStates first(Context context, RowOrder order, int batch, List<Variable> initial) {
        Variable[] values = new Variable[states.size()];
        for (int i = 0; i < values.length; i++) {
            if (initial != null) {
                values[i] = order.sortedStates(context, initial.get(i));
            } else {
                Tensor state = context.scope().f32("state", batch, states.get(i).size());
                state.fill(states.get(i).first());
                values[i] = Variable.constant(state);
            }
        }
        return new CellStates(values);
    }

    /** The states of the cell. */
    private final class Kept extends CarriedTensors {
        private final int batch;

        Kept(Scope parent, int batch) {
            super(parent);
            this.batch = batch;
            states.forEach(state -> add("carried state", batch, state.size()));
        }
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        footprint(memory, steps, batch, false, false);
    }

    /** As if all rows had all steps. */
    @Override
    public void footprint(StepMemory memory, int steps, int batch, boolean given, boolean told) {
        cell.account(memory, steps, batch);
        int features = output().last();
        memory.differentiable((long) steps * batch * features);
        RowOrder.account(memory, steps, batch, reverse, input().elements(steps, batch), features, returnSequences);
        for (CellParts.State state : states) {
            if (given) {
                RowOrder.accountVariables(memory, batch, reverse, state.size());
            } else {
                memory.tensor((long) batch * state.size());
            }
            if (told) {
                memory.differentiable((long) batch * state.size());
                RowOrder.accountVariables(memory, batch, reverse, state.size());
            } else if (stateful) {
                memory.tensor((long) batch * state.size());
                RowOrder.accountStates(memory, batch, reverse, state.size());
                RowOrder.accountStates(memory, batch, reverse, state.size());
            }
        }
    }
}
