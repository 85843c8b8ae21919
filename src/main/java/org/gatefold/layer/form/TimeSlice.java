package org.gatefold.layer.form;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;

/**
 * Some steps of each row, which stand at its beginning then: the first, the last of the row's own length, or every so manieth.
 * Rows that have fewer steps give those. No parameters.
 */
public final class TimeSlice extends WholeSequenceLayer {
    private enum Part {
        FIRST,
        LAST,
        EVERY
    }

    private final Part part;
    private final int count;

    private TimeSlice(Part part, int count) {
        super("counts steps from an end of the whole sequence");
        this.part = part;
        this.count = Arguments.requireAtLeast("count", 1, count);
    }

    /** The first steps. */
    public static TimeSlice first(int count) {
        return new TimeSlice(Part.FIRST, count);
    }

    /** The last steps before the length of the row. */
    public static TimeSlice last(int count) {
        return new TimeSlice(Part.LAST, count);
    }

    /** The first step and each that is so many behind the one before. */
    public static TimeSlice every(int count) {
        return new TimeSlice(Part.EVERY, count);
    }

    static TimeSlice described(Options options) {
        return new TimeSlice(options.constant("part", Part.class), options.integer("count"));
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("part", Options.text(part), "count", count);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireSequence(in);
        return in;
    }

    /** How many of so many steps are taken. */
    private int taken(int steps) {
        return part == Part.EVERY ? (steps + count - 1) / count : Math.min(count, steps);
    }

    /** The step that the first one taken was, among so many. */
    private int begin(int steps) {
        return part == Part.LAST ? steps - taken(steps) : 0;
    }

    @Override
    protected Variable apply(Context context, Variable masked) {
        Variable x = RealSteps.gather(context, masked);
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        int made = taken(steps);
        int stride = part == Part.EVERY ? count : 1;
        int[] from = new int[made * batch];
        int[] rows = x.lengths() == null ? null : x.lengths().toArray();
        for (int row = 0; row < batch; row++) {
            int valid = rows == null ? steps : rows[row];
            for (int t = 0; t < taken(valid); t++) {
                from[t * batch + row] = (begin(valid) + t * stride) * batch + row;
            }
            if (rows != null) {
                rows[row] = taken(valid);
            }
        }
        Lengths lengths = rows == null ? null : context.scope().lengths(made, rows);
        Variable y = context.output("y", x.requiresGradient(), lengths, output().shape(made, batch));
        PickedRows.of(context, x, made, batch, from, lengths, y);
        return y;
    }

    @Override
    public int outputSteps(int steps) {
        return taken(steps);
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.lengths(batch);
        memory.differentiable(output().elements(taken(steps), batch));
        PickedRows.account(memory, (long) taken(steps) * batch);
    }
}
