package org.gatefold.op.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.op.optimizer.UpdateRule.Penalty;
import org.gatefold.op.verify.NamedCheck;
import org.gatefold.op.verify.Suite;
import org.gatefold.op.verify.Workbench;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Checks of optimisers: three updates with every rule and penalty, and by rows with noise, each after clipping by value and
 * by norm. */
public final class OptimizerSuite extends Suite<OptimizerOp> {
    private static final int SIZE = 640;
    private static final int UPDATES = 3;

    /** Numbers of a row of the first segment, and some rows of it. */
    private static final int ROW = 47;

    private static final int[] ROWS = {0, 3, 10};

    /** One of several blocks, one frozen, one with a rate of its own, one without penalty; padding between them. */
    private static final Segments SEGMENTS = new Segments(List.of(
            new Segments.Segment("first", 3, 517, 1f, 1f),
            new Segments.Segment("frozen", 528, 16, 0f, 1f),
            new Segments.Segment("slow", 544, 33, 0.25f, 1f),
            new Segments.Segment("bias", 600, 1, 1f, 0f)));

    private static final Map<String, Penalty> PENALTIES = Map.of(
            "",
            Penalty.NONE,
            " with penalties",
            new Penalty(0.02f, 0.1f, false),
            " with decoupled penalties",
            new Penalty(0.02f, 0.1f, true));

    public OptimizerSuite() {
        super(OptimizerOp.class, checks());
    }

    private static List<UpdateRule> rules() {
        return List.of(
                new UpdateRule.Sgd(0f, 0f, false),
                new UpdateRule.Sgd(0.9f, 0.3f, false),
                new UpdateRule.Sgd(0.9f, 0f, true),
                new UpdateRule.RmsProp(0.9f, 1e-2f, 0f, false),
                new UpdateRule.RmsProp(0.9f, 1e-2f, 0.8f, true),
                new UpdateRule.Adam(0.9f, 0.999f, 1e-3f),
                new UpdateRule.Adagrad(0.1f, 0.5f, 1e-3f),
                new UpdateRule.Adadelta(0.9f, 1e-3f),
                new UpdateRule.NAdam(0.9f, 0.999f, 1e-3f, 0.04f),
                new UpdateRule.AdaMax(0.9f, 0.99f, 1e-3f),
                new UpdateRule.Lamb(0.9f, 0.999f, 1e-3f));
    }

    private static List<NamedCheck<OptimizerOp>> checks() {
        List<NamedCheck<OptimizerOp>> all = new ArrayList<>();
        for (UpdateRule rule : rules()) {
            PENALTIES.keySet().stream()
                    .sorted()
                    .forEach(name -> all.add(new NamedCheck<>(
                            rule.getClass().getSimpleName(),
                            rule + name,
                            (op, bench) -> updates(op, bench, rule, PENALTIES.get(name)))));
        }
        UpdateRule adam = new UpdateRule.Adam(0.9f, 0.999f, 1e-3f);
        all.add(new NamedCheck<>(
                "Rows", adam + " by rows, with noise", (op, bench) -> updates(op, bench, adam, Penalty.NONE, true)));
        return all;
    }

    private static Runnable updates(OptimizerOp op, Workbench bench, UpdateRule rule, Penalty penalty) {
        return updates(op, bench, rule, penalty, false);
    }

    private static Runnable updates(OptimizerOp op, Workbench bench, UpdateRule rule, Penalty penalty, boolean byRows) {
        Tensor parameters = bench.accumulator("parameters", spread(bench), SIZE);
        Tensor gradients = bench.accumulator("gradients", spread(bench), SIZE);
        Tensor squares = bench.output("squares", byRows ? ROWS.length + SEGMENTS.count() - 1 : SEGMENTS.count());
        Tensor norm = bench.output("norm", 2);
        List<Tensor> kept = new ArrayList<>();
        for (int state = 0; state < rule.states(); state++) {
            kept.add(bench.output("state " + state, SIZE));
        }
        Tensor scale = norm.part("scale", 1, Shape.of(1));
        return () -> {
            // The state starts with the plan, so that every run makes one.
            try (OptimizerPlan plan =
                    op.plan(bench.scope(), new OptimizerSpec(rule, penalty, SEGMENTS), parameters, gradients)) {
                if (byRows) {
                    plan.limit(0, ROW, ROWS, ROWS.length);
                }
                for (int step = 1; step <= UPDATES; step++) {
                    plan.clipValue(1.5f);
                    plan.gradientNorm(2f, squares, norm);
                    if (byRows) {
                        plan.addNoise(0.5f, 3, step, scale);
                    }
                    plan.update(0.05f, step, scale);
                }
                for (int state = 0; state < kept.size(); state++) {
                    kept.get(state).copyFrom(plan.states().get(state));
                }
            }
        };
    }

    /** Random numbers in the segments, 0 between them. */
    private static float[] spread(Workbench bench) {
        float[] dense = bench.gaussian(1f, SIZE);
        float[] values = new float[SIZE];
        for (Segments.Segment segment : SEGMENTS.list()) {
            System.arraycopy(dense, (int) segment.offset(), values, (int) segment.offset(), (int) segment.length());
        }
        return values;
    }
}
