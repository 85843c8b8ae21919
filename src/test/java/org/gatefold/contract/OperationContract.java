package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.device.Operation;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Lengths;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** Opens a device for one implementation of a contract, gives each test a scope, and sees that every byte comes back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OperationContract.Naming.class)
public abstract class OperationContract<O extends Operation> {
    /** Normalised error that single precision is allowed. */
    public static final double TOLERANCE = 1e-5;

    public String implementation;
    public Subject subject;
    public O op;
    public Scope scope;
    Guarded guarded;

    private String deviceName;
    private final Class<O> contract;

    /** @param contract what the implementation is asked for by, which {@link Implementation} names */
    public OperationContract(Class<O> contract) {
        this.contract = contract;
    }

    /** Reads {@link Implementation} when a suite has been made: a suite that was inherited does not know the class around it. */
    static final class Naming implements TestInstancePostProcessor {
        @Override
        public void postProcessTestInstance(Object instance, ExtensionContext context) {
            OperationContract<?> suite = (OperationContract<?>) instance;
            Implementation named = named(context);
            suite.deviceName = named.device();
            suite.implementation = named.name();
        }

        private static Implementation named(ExtensionContext context) {
            for (Optional<ExtensionContext> at = Optional.of(context);
                    at.isPresent();
                    at = at.get().getParent()) {
                Optional<Implementation> found =
                        at.get().getTestClass().map(type -> type.getAnnotation(Implementation.class));
                if (found.isPresent()) {
                    return found.get();
                }
            }
            throw new IllegalStateException(
                    context.getRequiredTestClass() + ": expected @Implementation on it or a class around it");
        }
    }

    /** The contract that the suite is of. */
    final Class<O> contract() {
        return contract;
    }

    @BeforeAll
    final void openDevice() {
        subject = Subject.open(deviceName, implementation, contract);
        op = subject.operation(contract);
    }

    @AfterAll
    final void closeDevice() {
        if (subject != null) {
            subject.close();
        }
    }

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    final void openScope() {
        scope = subject.device().openScope("test");
        guarded = new Guarded(scope, Guarded.MISALIGNED);
    }

    @AfterEach
    final void everyByteIsGivenBack() {
        scope.close();
        assertThat(subject.device().bytesInUse()).as("bytes left on the device").isZero();
    }

    /** Normally distributed numbers. */
    static float[] gaussian(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** NaN where a step lies behind the length of its row, in values {@code [steps, rows.length, width]}. */
    static void spoilPadding(float[] values, int width, int... rows) {
        for (int i = 0; i < values.length; i++) {
            int step = i / width / rows.length;
            values[i] = step >= rows[i / width % rows.length] ? Float.NaN : values[i];
        }
    }

    /** Lengths of rows, behind which values are spoilt. */
    final Lengths padded(int steps, float[] values, int width, int... rows) {
        spoilPadding(values, width, rows);
        return scope.lengths(steps, rows);
    }

    /** Asserts that a call is refused with exactly this message. */
    static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                .hasMessage(message);
    }
}
