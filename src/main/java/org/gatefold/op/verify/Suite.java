package org.gatefold.op.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.device.Operation;

/**
 * The checks that every implementation of one contract is held to. It stands beside the contract and is found by {@link
 * ServiceLoader}: the doctor and the tests run whatever suites there are. Immutable.
 *
 * @param <O> the operation's contract
 */
public abstract class Suite<O extends Operation> {
    private final Class<O> contract;
    private final List<NamedCheck<O>> checks;

    /**
     * @param contract what implementations are asked for by
     * @param checks for all implementations and in every extent, unless {@link #checks(Operation, Extent)} is overridden
     */
    protected Suite(Class<O> contract, List<NamedCheck<O>> checks) {
        this.contract = contract;
        this.checks = List.copyOf(checks);
    }

    /** All suites, in the order of their list in {@code META-INF/services}. */
    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    public static List<Suite<?>> all() {
        List<Suite<?>> all = new ArrayList<>();
        for (Suite suite : ServiceLoader.load(Suite.class, Suite.class.getClassLoader())) {
            all.add(suite);
        }
        return all;
    }

    /**
     * The suites of some operations, in the order of {@link #all}.
     *
     * @param operations as {@link #operation} has them, in letters of either case
     * @throws IllegalArgumentException if there is no suite of one of them
     */
    public static List<Suite<?>> of(Collection<String> operations) {
        Set<String> missing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        missing.addAll(operations);
        List<Suite<?>> all = all();
        List<Suite<?>> some = new ArrayList<>();
        for (Suite<?> suite : all) {
            if (missing.remove(operation(suite.contract))) {
                some.add(suite);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("operations to examine: expected some of "
                    + all.stream().map(suite -> operation(suite.contract)).toList() + ", got "
                    + String.join(", ", missing));
        }
        return List.copyOf(some);
    }

    /** The contract that implementations are asked for by. */
    public final Class<O> contract() {
        return contract;
    }

    /** A contract in words, for instance {@code "Linear"}. */
    public static String operation(Class<? extends Operation> contract) {
        return contract.getSimpleName().replaceFirst("Op$", "");
    }

    /**
     * The checks for one implementation, without those of what it declines. Implementations that share a check are given
     * equal ones, so that an {@link Oracle} computes it once.
     */
    public List<NamedCheck<O>> checks(O implementation, Extent extent) {
        return checks;
    }
}
