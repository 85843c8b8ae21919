package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** The exact words of every refusal of a recurrent plan, for a spec of T 3, B 2, I 4, H 5, one forward LSTM layer. */
final class RecurrentMessages {
    private RecurrentMessages() {}

    static void check(RecurrentOp op, Scope scope, RecurrentCase given) {
        try (RecurrentRun run = new RecurrentRun(op, scope, given, Mode.TRAINING);
                RecurrentPlan inference = op.plan(scope, given.spec(), Mode.INFERENCE)) {
            checkForward(scope, run);
            checkState(scope, run, inference, closedPlan(op, scope, given));
            checkBackward(scope, run);
        }
    }

    private static void checkForward(Scope scope, RecurrentRun run) {
        Tensor wide = scope.zeros("wide", 3, 2, 5 + 1);
        refused("x: expected shape [3, 2, 4], got [3, 2, 6]", () -> infer(run, wide, run.y));
        refused("x: expected a tensor, got null", () -> infer(run, null, run.y));
        refused("y: expected shape [3, 2, 5], got [3, 2, 6]", () -> infer(run, run.x, wide));
        Tensor labels = scope.i32("labels", 3, 2, 4);
        refused("x: expected elements of F32, got I32", () -> infer(run, labels, run.y));
        refused(
                "lengths: expected 2 rows of at most 3 steps, got 3 rows of at most 3",
                () -> run.plan.infer(run.x, scope.lengths(3, 1, 2, 3), null, run.y, null));
        refused(
                "lengths: expected 2 rows of at most 3 steps, got 2 rows of at most 4",
                () -> run.plan.infer(run.x, scope.lengths(4, 1, 2), null, run.y, null));
        refused(
                "initial.h: expected shape [1, 2, 5], got [3, 2, 6]",
                () -> run.plan.infer(run.x, run.lengths, new RecurrentState(wide, run.initial.c()), run.y, null));
        refused(
                "initial.c: expected a tensor, got null",
                () -> run.plan.infer(run.x, run.lengths, new RecurrentState(run.initial.h(), null), run.y, null));
        refused(
                "last.h: given twice in one call",
                () -> run.plan.infer(run.x, run.lengths, null, run.y, new RecurrentState(run.last.h(), run.last.h())));
        Tensor room = scope.zeros("room", 60);
        Tensor x = room.part("x", 0, Shape.of(3, 2, 4));
        refused(
                "y: must not overlap x, which is used by the same call",
                () -> infer(run, x, room.part("y", 10, Shape.of(3, 2, 5))));
    }

    private static void checkState(Scope scope, RecurrentRun run, RecurrentPlan inference, RecurrentPlan closed) {
        refused(
                "plan: call setWeights before the first pass",
                () -> inference.infer(run.x, run.lengths, run.initial, run.y, run.last));
        refused("plan: made for INFERENCE, expected TRAINING", () -> inference.reserve(scope));
        refused("plan: is closed", () -> closed.setWeights(run.weights));
        refused(
                "reserve: expected one made by this plan, got null",
                () -> run.plan.forward(run.x, run.lengths, run.initial, run.y, run.last, null, 0));
        refused(
                "weights: expected 1 sets (layers x directions), got 0",
                () -> run.plan.setWeights(new RecurrentWeights(List.of())));
        RecurrentWeights.Set set = run.weights.sets().get(0);
        refused(
                "weights[0].wx: expected shape [20, 4], got [20, 5]",
                () -> run.plan.setWeights(new RecurrentWeights(new RecurrentWeights.Set(set.wh(), set.wh(), set.b()))));
        refused(
                "weights[0].b: expected shape [20], got [20, 4]",
                () -> run.plan.setWeights(
                        new RecurrentWeights(new RecurrentWeights.Set(set.wx(), set.wh(), set.wx()))));
    }

    private static void checkBackward(Scope scope, RecurrentRun run) {
        refused(
                "reserve: holds no forward pass; run forward before every backward, which uses the reserve up",
                run::backward);
        run.forward();
        refused(
                "dx: expected shape [3, 2, 4], got [3, 2, 5]",
                () -> run.plan.backward(
                        run.x, run.lengths, run.initial, run.y, run.dy, null, run.y, null, null, run.reserve));
        refused(
                "dx: given twice in one call",
                () -> run.plan.backward(
                        run.x, run.lengths, run.initial, run.y, run.dy, null, run.x, null, null, run.reserve));
        refused(
                "dInitial.h: given twice in one call",
                () -> run.plan.backward(
                        run.x,
                        run.lengths,
                        run.initial,
                        run.y,
                        run.dy,
                        run.dLast,
                        null,
                        new RecurrentState(run.initial.h(), run.dInitial.c()),
                        null,
                        run.reserve));
        run.backward();
        refused(
                "reserve: holds no forward pass; run forward before every backward, which uses the reserve up",
                run::backward);
        Tensor lost = lostTensor(scope);
        assertThatThrownBy(() -> infer(run, lost, run.y))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("tensor 'lost' was used after its scope 'test/gone' on ");
    }

    private static RecurrentPlan closedPlan(RecurrentOp op, Scope scope, RecurrentCase given) {
        try (RecurrentPlan plan = op.plan(scope, given.spec(), Mode.INFERENCE)) {
            return plan;
        }
    }

    private static Tensor lostTensor(Scope scope) {
        try (Scope gone = scope.child("gone")) {
            return gone.zeros("lost", 3, 2, 4);
        }
    }

    private static void infer(RecurrentRun run, Tensor x, Tensor y) {
        run.plan.infer(x, run.lengths, run.initial, y, run.last);
    }

    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                .hasMessage(message);
    }
}
