package org.gatefold.op.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentCheck;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OracleTest {
    private final Device device = Devices.named("reference");
    private final Oracle<LinearOp> oracle = new Oracle<>(device, LinearOp.class);

    /** Counts how often it is run; equal to those of the same size and counter. */
    private record Counting(int size, AtomicInteger runs) implements Check<LinearOp> {
        @Override
        public Runnable prepare(LinearOp op, Workbench bench) {
            Tensor x = bench.input("x", 1, size);
            Tensor w = bench.input("w", 1, size);
            Tensor y = bench.output("y", 1, 1);
            return () -> {
                runs.incrementAndGet();
                op.forward(x, w, null, y);
            };
        }
    }

    @AfterEach
    void close() {
        assertThat(device.bytesInUse()).isZero();
        device.close();
    }

    @Test
    void equalChecksAreComputedOnceAndOthersForThemselves() {
        AtomicInteger runs = new AtomicInteger();
        float[] first = oracle.results(new Counting(3, runs)).get("y");
        assertThat(oracle.results(new Counting(3, runs)).get("y")).isSameAs(first);
        assertThat(runs).hasValue(1);
        assertThat(oracle.results(new Counting(4, runs)).get("y")).isNotEqualTo(first);
        assertThat(runs).hasValue(2);
    }

    @Test
    void checksOfImplementationsAreEqualWhereTheirResultsAre() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 2, 2, 3, 4);
        RecurrentCheck check = new RecurrentCheck(spec, Mode.TRAINING, true);
        assertThat(new RecurrentCheck(spec, Mode.TRAINING, true)).isEqualTo(check);
        assertThat(List.of(
                        new RecurrentCheck(spec, Mode.TRAINING, false),
                        new RecurrentCheck(spec, Mode.INFERENCE, true),
                        // The reference rounds operands as the precision asks.
                        new RecurrentCheck(spec.withPrecision(Precision.BF16), Mode.TRAINING, true)))
                .doesNotContain(check);
    }

    @Test
    void anExecutorComputesAheadWhatIsNotKnownYet() {
        AtomicInteger runs = new AtomicInteger();
        Queue<Runnable> queue = new ArrayDeque<>();
        Counting one = new Counting(3, runs);
        Counting two = new Counting(4, runs);
        oracle.results(one);
        oracle.prepare(List.of(one, two), queue::add);
        assertThat(queue).hasSize(1);
        queue.remove().run();
        assertThat(runs).hasValue(2);
        oracle.results(two);
        assertThat(runs).hasValue(2);
    }

    @Test
    void whatAnotherThreadHasBegunIsWaitedFor() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Check<LinearOp> slow = (op, bench) -> {
            begun.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Counting(3, runs).prepare(op, bench);
        };
        Thread[] other = new Thread[1];
        oracle.prepare(List.of(slow), task -> {
            other[0] = new Thread(task);
            other[0].start();
        });
        begun.await();
        Thread waiting = new Thread(() -> oracle.results(slow));
        waiting.start();
        mayEnd.countDown();
        waiting.join();
        other[0].join();
        assertThat(oracle.results(slow)).containsKey("y");
        assertThat(runs).hasValue(1);
    }

    @Test
    void anErrorOfTheReferenceIsNotTheSubjects() {
        Check<LinearOp> broken = (op, bench) -> {
            throw new IllegalArgumentException("planted");
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> oracle.results(broken))
                .withMessage("the oracle fails: planted");
    }

    /** A contract that nobody implements. */
    private interface Unknown extends Operation {}

    @Test
    void aDeviceWithoutTheReferenceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Oracle<>(device, Unknown.class))
                .withMessageStartingWith("oracle: expected a device with the implementation 'reference', got");
    }

    @Test
    void aWrongResultFailsAndARightOnePasses() {
        RecurrentCheck check = new RecurrentCheck(RecurrentSpec.of(Cell.LSTM, 3, 3, 4, 5), Mode.TRAINING, true);
        RecurrentCheck other = new RecurrentCheck(RecurrentSpec.of(Cell.LSTM, 3, 3, 4, 5), Mode.TRAINING, false);
        Oracle<RecurrentOp> recurrent = new Oracle<>(device, RecurrentOp.class);
        RecurrentOp subject = device.operation(RecurrentOp.class);
        assertThat(Verification.of(device, subject, check, recurrent.results(check), 1e-5)
                        .passed())
                .isTrue();
        assertThat(Verification.of(device, subject, check, recurrent.results(other), 1e-5)
                        .failure())
                .contains("error of");
    }
}
