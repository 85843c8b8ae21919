package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.device.Operation;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.verify.Suite;
import org.junit.jupiter.api.Test;

/** The backends' test classes, each a list of the contracts that it is tested on, leave out nothing that a device offers. */
class ContractListsTest {
    private static final List<Class<?>> LISTS = List.of(
            ReferenceContractTest.class, CpuNativeContractTest.class, CudaContractTest.class, CudnnContractTest.class);

    /** Beside the standard algorithm; {@link CudnnAlgorithmsTest} has these. */
    private static final String OTHER_ALGORITHMS = "cuda.cudnn.";

    @Test
    void everyImplementationOnTheCpuIsTested() {
        assertThat(tested()).containsAll(offered("cpu", "cpu.native"));
    }

    @Test
    void everyImplementationOnTheGpuIsTested() {
        assertThat(tested()).containsAll(offered("cuda:0", "cuda"));
    }

    private static Set<String> offered(String device, String required) {
        Set<String> offered = new TreeSet<>();
        try (Subject subject = Subject.open(device, required, LinearOp.class)) {
            for (Suite<?> suite : Suite.all()) {
                for (Operation implementation : subject.device().operations(suite.contract())) {
                    if (!implementation.name().startsWith(OTHER_ALGORITHMS)) {
                        offered.add(entry(suite.contract(), implementation.name()));
                    }
                }
            }
        }
        assertThat(offered).contains(entry(LinearOp.class, required));
        return offered;
    }

    private static Set<String> tested() {
        Set<String> tested = new TreeSet<>();
        try {
            for (Class<?> list : LISTS) {
                Object outer = list.getDeclaredConstructor().newInstance();
                for (Class<?> nested : list.getDeclaredClasses()) {
                    OperationContract<?> suite = (OperationContract<?>)
                            nested.getDeclaredConstructor(list).newInstance(outer);
                    tested.add(entry(suite.contract(), suite.implementation));
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a suite cannot be made", e);
        }
        return tested;
    }

    private static String entry(Class<?> contract, String implementation) {
        return contract.getSimpleName() + " by " + implementation;
    }
}
