package org.gatefold.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.tensor.Block;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated, because it reads the error stream and sets system properties. */
@Isolated
class ScopeTest {
    private final LimitedMemory memory = new LimitedMemory();
    private Device device;

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    void open() {
        device = new Device("limited", List.of(new LimitedSession(memory)));
    }

    @AfterEach
    void close() {
        device.close();
        assertThat(memory.held).as("bytes not given back").isZero();
    }

    @Test
    void closesWhatItOwnsNewestFirst() {
        List<String> closed = new ArrayList<>();
        try (Scope scope = device.openScope("s")) {
            scope.own(() -> closed.add("first"));
            Scope child = scope.child("c");
            child.own(() -> closed.add("child's"));
            scope.own(() -> closed.add("last"));
        }
        assertThat(closed).containsExactly("last", "child's", "first");
    }

    @Test
    void aChildMayGoEarlierAndIsNotClosedTwice() {
        List<String> closed = new ArrayList<>();
        try (Scope scope = device.openScope("s")) {
            try (Scope child = scope.child("c")) {
                child.own(() -> closed.add("child's"));
                child.f32("x", 100);
                assertThat(child.name()).isEqualTo("s/c");
            }
            assertThat(closed).containsExactly("child's");
            assertThat(device.bytesInUse()).isZero();
        }
        assertThat(closed).hasSize(1);
    }

    @Test
    void everythingIsClosedThoughOneFails() {
        List<String> closed = new ArrayList<>();
        Scope scope = openUnmanaged("s");
        scope.f32("x", 10);
        scope.own(() -> closed.add("first"));
        scope.own(() -> {
            throw new IllegalStateException("broken");
        });
        assertThatIllegalStateException()
                .isThrownBy(scope::close)
                .withMessage("scope 's' on limited: closing a resource failed")
                .withStackTraceContaining("broken");
        assertThat(closed).containsExactly("first");
        assertThat(scope.isClosed()).isTrue();
        assertThat(memory.held).isZero();
        scope.close();
    }

    @Test
    void useAfterCloseNamesTensorAndScope() {
        Tensor lost = fromClosedScope();
        assertThatIllegalStateException()
                .isThrownBy(lost::toFloats)
                .withMessage("tensor 'x' was used after its scope 's' on limited was closed"
                        + "; -Dgatefold.trackMemory=true shows where it was opened");
        assertThatIllegalStateException().isThrownBy(() -> lost.reshape(10).fill(0f));
        assertThatIllegalStateException().isThrownBy(lost::address);
    }

    private Tensor fromClosedScope() {
        try (Scope scope = device.openScope("s")) {
            return scope.f32("x", 10);
        }
    }

    @Test
    void trackingTellsWhereAScopeWasOpenedAndClosed() {
        System.setProperty(Scope.TRACK_PROPERTY, "true");
        try {
            Tensor lost = fromClosedScope();
            assertThatIllegalStateException()
                    .isThrownBy(lost::toFloats)
                    .withMessageStartingWith("tensor 'x' was used after its scope 's' on limited was closed; opened")
                    .withStackTraceContaining("closed here")
                    .withStackTraceContaining("ScopeTest.fromClosedScope");
        } finally {
            System.clearProperty(Scope.TRACK_PROPERTY);
        }
    }

    @Test
    void resetInvalidatesWhatWasHandedOut() {
        try (Scope scope = device.openScope("s")) {
            List<String> closed = new ArrayList<>();
            Tensor before = scope.zeros("before", 10);
            scope.own(() -> closed.add("resource"));
            Scope child = scope.child("c");
            scope.reset();
            assertThat(closed).containsExactly("resource");
            assertThat(child.isClosed()).isTrue();
            assertThatIllegalStateException()
                    .isThrownBy(before::toFloats)
                    .withMessageStartingWith("tensor 'before' was used after its scope 's' on limited was reset");
            Tensor after = scope.zeros("after", 10);
            assertThat(after.toFloats()).containsOnly(0f);
            assertThat(scope.bytesInUse()).isEqualTo(Scope.ALIGNMENT);
        }
    }

    @Test
    void slabsAreKeptAndJoinedByReset() {
        try (Scope scope = device.openScope("s")) {
            step(scope);
            scope.reset();
            int allocations = memory.allocations;
            long capacity = scope.capacity();
            for (int i = 0; i < 5; i++) {
                step(scope);
                scope.reset();
            }
            assertThat(memory.allocations).isEqualTo(allocations);
            assertThat(scope.capacity()).isEqualTo(capacity).isEqualTo(device.bytesInUse());
            assertThat(scope.peakBytes()).isLessThanOrEqualTo(capacity);
        }
    }

    private static void step(Scope scope) {
        for (int i = 1; i <= 40; i++) {
            scope.f32("x" + i, 1000 * i);
        }
    }

    @Test
    void resetGoesOnInPiecesWhereTheMemoryHasNoBlockOfTheWholeSize() {
        try (Scope scope = device.openScope("s")) {
            step(scope);
            memory.largestBlock = 200 << 10;
            scope.reset();
            assertThat(scope.bytesInUse()).isZero();
            Tensor tensor = scope.zeros("x", 1000);
            assertThat(tensor.toFloats()).containsOnly(0f);
        }
    }

    @Test
    void aRefusedAllocationLeavesTheScopeAsItWas() {
        try (Scope scope = device.openScope("s")) {
            Tensor before = scope.zeros("before", 10);
            memory.largestBlock = 1 << 20;
            assertThatExceptionOfType(OutOfMemoryException.class)
                    .isThrownBy(() -> scope.f32("large", 1 << 20))
                    .withMessage("scope 's' on limited cannot allocate 4194304 bytes for tensor 'large' beside the 256"
                            + " it uses: no block of 4194304 bytes");
            assertThat(before.toFloats()).containsOnly(0f);
            assertThat(scope.bytesInUse()).isEqualTo(Scope.ALIGNMENT);
        }
    }

    @Test
    void poisonShowsMemoryThatNothingWrote() {
        System.setProperty(Scope.POISON_PROPERTY, "true");
        try (Scope scope = device.openScope("s")) {
            assertThat(scope.f32("x", 5).toFloats()).containsOnly(Float.NaN);
            assertThat(scope.zeros("y", 5).toFloats()).containsOnly(0f);
        } finally {
            System.clearProperty(Scope.POISON_PROPERTY);
        }
    }

    @Test
    void aClosedScopeHandsOutNothing() {
        Scope scope = openUnmanaged("s");
        scope.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> scope.f32("x", 1))
                .withMessageStartingWith("scope 's' on limited is closed");
        assertThatIllegalStateException().isThrownBy(() -> scope.child("c"));
        assertThatIllegalStateException().isThrownBy(scope::reset);
    }

    @Test
    void aDeviceClosesAndReportsTheScopesThatWereLeftOpen() {
        String log = logOf(() -> {
            Scope scope = openUnmanaged("forgotten");
            scope.f32("x", 10);
            device.close();
            assertThat(scope.isClosed()).isTrue();
        });
        assertThat(log).contains("device limited is closed while scope 'forgotten' on limited is open; closing it");
        assertThatIllegalStateException()
                .isThrownBy(() -> openUnmanaged("late"))
                .withMessage("device limited is closed");
    }

    @Test
    void aScopeThatIsCollectedUnclosedIsReported() {
        System.setProperty(Scope.TRACK_PROPERTY, "true");
        try {
            String log = logOf(() -> {
                LimitedMemory lostMemory = new LimitedMemory();
                leak(lostMemory);
                for (int i = 0; i < 200 && !lostMemory.reported(); i++) {
                    System.gc();
                    sleep();
                }
            });
            assertThat(log).contains("scope 'leaked' on lost was never closed and leaks 65536 bytes; opened at ");
        } finally {
            System.clearProperty(Scope.TRACK_PROPERTY);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // leaks on purpose
    private static void leak(LimitedMemory lostMemory) {
        Device lost = new Device("lost", List.of(new LimitedSession(lostMemory)));
        lost.openScope("leaked").f32("x", 10);
    }

    private static void sleep() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by the test or by its device
    private Scope openUnmanaged(String name) {
        return device.openScope(name);
    }

    private static final ByteArrayOutputStream LOGGED = new ByteArrayOutputStream();

    private static String logOf(Runnable action) {
        PrintStream before = System.err;
        LOGGED.reset();
        System.setErr(new PrintStream(LOGGED, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(before);
        }
        return LOGGED.toString(StandardCharsets.UTF_8);
    }

    /** Blocks of the reference's memory, counted, and refused above a limit. */
    private static final class LimitedMemory implements Memory {
        private long largestBlock = Long.MAX_VALUE;
        private int allocations;
        private long held;

        @Override
        public String name() {
            return "host";
        }

        @Override
        public Block allocate(long bytes) {
            if (bytes > largestBlock) {
                throw new OutOfMemoryException("no block of " + bytes + " bytes");
            }
            allocations++;
            held += bytes;
            return new BufferBlock("host", ByteBuffer.allocate(Math.toIntExact(bytes)), () -> held -= bytes);
        }

        private boolean reported() {
            return LOGGED.toString(StandardCharsets.UTF_8).contains("never closed");
        }
    }

    private record LimitedSession(Memory memory) implements Backend.Session {
        @Override
        public String description() {
            return "limited memory";
        }

        @Override
        public <O extends Operation> List<O> operations(Class<O> contract) {
            return List.of();
        }

        @Override
        public void synchronize() {
            // nothing runs
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
