package org.gatefold.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.gatefold.device.Closing;
import org.gatefold.device.ParkedCall;
import org.junit.jupiter.api.Test;

/** What is closed while threads use it. */
class LifetimeTest {
    private final Lifetime device = new Lifetime("device d", null);
    private final Lifetime model = new Lifetime("scope 'model'", device);
    private final Lifetime step = new Lifetime("scope 'model/step'", model);
    private final List<String> freed = Collections.synchronizedList(new ArrayList<>());

    private void end(Lifetime lifetime, String name) {
        lifetime.end(() -> freed.add(name));
    }

    private ParkedCall callOf(Lifetime used) throws InterruptedException {
        return ParkedCall.start(parked -> {
            Call call = Call.begin();
            try {
                used.require();
                parked.park();
                assertThat(freed).isEmpty();
                used.require();
            } finally {
                call.end();
            }
        });
    }

    @Test
    void whatIsOverIsRefusedByName() {
        assertThat(step.use()).isTrue();
        end(model, "model");
        assertThatIllegalStateException().isThrownBy(step::require).withMessage("scope 'model/step' is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Lifetime("late", model))
                .withMessage("scope 'model' is closed");
        assertThat(device.use()).isTrue();
    }

    @Test
    void endingWaitsForCallsThatUseIt() throws InterruptedException {
        ParkedCall call = callOf(step);
        call.requireAwaitedBy(() -> end(step, "step"));
        assertThat(call.failure()).isNull();
        assertThat(freed).containsExactly("step");
    }

    @Test
    void endingWaitsForCallsThatUseWhatIsBelowOrAbove() throws InterruptedException {
        ParkedCall below = callOf(step);
        below.requireAwaitedBy(() -> end(device, "device"));
        assertThat(below.failure()).isNull();

        Lifetime other = new Lifetime("device e", null);
        Lifetime scope = new Lifetime("scope 's'", other);
        freed.clear();
        ParkedCall above = callOf(other);
        above.requireAwaitedBy(() -> end(scope, "scope"));
        assertThat(above.failure()).isNull();
    }

    @Test
    void newCallsAreRefusedWhileOneInProgressIsAwaited() throws InterruptedException {
        ParkedCall call = callOf(step);
        Closing closing = Closing.thatWaits(() -> end(model, "model"));
        assertThat(step.use()).isFalse();
        assertThat(device.use()).isTrue();
        call.release();
        closing.requireEnd();
    }

    @Test
    void callsThatUseSomethingElseAreNotAwaited() throws InterruptedException {
        ParkedCall call = callOf(step);
        Lifetime other = new Lifetime("scope 'other'", device);
        end(other, "other");
        assertThat(freed).containsExactly("other");
        freed.clear();
        call.release();
        assertThat(call.failure()).isNull();
    }

    @Test
    void aCallThatHasEndedIsNotAwaited() throws InterruptedException {
        Call call = Call.begin();
        step.require();
        Call.begin().end();
        call.end();
        assertThat(step.use()).isTrue();
        Thread other = new Thread(() -> end(step, "step"));
        other.start();
        other.join();
        assertThat(freed).containsExactly("step");
    }

    @Test
    void anInnerCallKeepsWhatItUsesTillTheOuterOneEnds() throws InterruptedException {
        Call outer = Call.begin();
        Call inner = Call.begin();
        step.require();
        inner.end();
        Closing closing = Closing.thatWaits(() -> end(step, "step"));
        outer.end();
        closing.requireEnd();
    }

    @Test
    void aCallMayUseMoreThanAHandfulOfThings() throws InterruptedException {
        List<Lifetime> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(new Lifetime("scope " + i, device));
        }
        List<Closing> closings = new ArrayList<>();
        Call call = Call.begin();
        many.forEach(Lifetime::require);
        many.forEach(lifetime -> closings.add(Closing.thatWaits(() -> end(lifetime, "one"))));
        call.end();
        for (Closing closing : closings) {
            closing.requireEnd();
        }
        assertThat(freed).hasSize(20);
    }

    @Test
    void aCallBelowARootKeepsTheRootAloneToo() throws InterruptedException {
        Lifetime other = new Lifetime("scope 'other'", device);
        ParkedCall call = ParkedCall.start(parked -> {
            Call outer = Call.begin();
            step.require();
            device.requireRoot();
            end(model, "model");
            device.requireRoot();
            parked.park();
            assertThat(freed).containsExactly("model", "other");
            device.requireRoot();
            outer.end();
        });
        end(other, "other");
        call.requireAwaitedBy(() -> end(device, "device"));
        assertThat(call.failure()).isNull();
        assertThat(freed).containsExactly("model", "other", "device");
    }

    @Test
    void aRootIsUsedByACallThatUsesNothingBelow() throws InterruptedException {
        ParkedCall call = ParkedCall.start(parked -> {
            Call outer = Call.begin();
            device.requireRoot();
            parked.park();
            outer.end();
        });
        call.requireAwaitedBy(() -> end(device, "device"));
        assertThatIllegalStateException().isThrownBy(device::requireRoot).withMessage("device d is closed");
        Call late = Call.begin();
        assertThat(step.use()).isFalse();
        assertThatIllegalStateException().isThrownBy(device::requireRoot).withMessage("device d is closed");
        late.end();
    }

    /** Threads that take turns in being the one that is noted as a hint. */
    @Test
    void severalThreadsBelowOneRootKeepIt() throws InterruptedException {
        Call first = Call.begin();
        step.require();
        ParkedCall second = ParkedCall.start(parked -> {
            Call outer = Call.begin();
            step.require();
            device.requireRoot();
            parked.park();
            outer.end();
        });
        first.end();
        second.requireAwaitedBy(() -> end(device, "device"));
        assertThat(second.failure()).isNull();
    }

    @Test
    void aThreadDoesNotWaitForItself() {
        Call call = Call.begin();
        step.require();
        end(step, "step");
        assertThat(freed).containsExactly("step");
        assertThat(step.use()).isFalse();
        call.end();
    }

    @Test
    void twoCallsThatEndWhatTheOtherUsesDoNotWaitForEver() throws InterruptedException {
        Lifetime one = new Lifetime("one", device);
        Lifetime two = new Lifetime("two", device);
        CyclicBarrier both = new CyclicBarrier(2);
        Thread first = new Thread(() -> useAndEnd(one, two, both));
        Thread second = new Thread(() -> useAndEnd(two, one, both));
        first.start();
        second.start();
        first.join();
        second.join();
        assertThat(freed).containsExactly("done", "done");
    }

    private void useAndEnd(Lifetime used, Lifetime ended, CyclicBarrier both) {
        Call call = Call.begin();
        try {
            used.require();
            both.await();
            end(ended, "done");
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        } finally {
            call.end();
        }
    }

    @Test
    void ofTwoThatEndItOneFreesAndTheOtherWaitsForThat() throws InterruptedException {
        ParkedCall freeing = ParkedCall.start(parked -> step.end(() -> {
            parked.park();
            freed.add("step");
        }));
        Thread second = new Thread(() -> end(step, "again"));
        second.start();
        while (second.getState() != Thread.State.WAITING) {
            assertThat(second.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        freeing.release();
        second.join();
        assertThat(freed).containsExactly("step");
    }

    @Test
    void whoeverWaitsKeepsItsInterrupt() throws InterruptedException {
        ParkedCall call = callOf(step);
        boolean[] interrupted = new boolean[1];
        Closing closing = Closing.thatWaits(() -> {
            Thread.currentThread().interrupt();
            end(step, "step");
            interrupted[0] = Thread.currentThread().isInterrupted();
        });
        call.release();
        closing.requireEnd();
        assertThat(call.failure()).isNull();
        assertThat(interrupted[0]).isTrue();
    }
}
