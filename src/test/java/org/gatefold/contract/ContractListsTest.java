package org.gatefold.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.contract.recurrent.CudnnAlgorithmsTest;
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
        for (Class<?> list : LISTS) {
            for (Class<?> declaring = list; declaring != null; declaring = declaring.getSuperclass()) {
                for (Class<?> nested : declaring.getDeclaredClasses()) {
                    if (!Modifier.isAbstract(nested.getModifiers())) {
                        tested.add(entry(contract(list, declaring, nested), implementation(list, nested)));
                    }
                }
            }
        }
        return tested;
    }

    private static Class<?> contract(Class<?> list, Class<?> declaring, Class<?> nested) {
        try {
            Object outer = list.getDeclaredConstructor().newInstance();
            return ((OperationContract<?>)
                            nested.getDeclaredConstructor(declaring).newInstance(outer))
                    .contract();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a suite cannot be made", e);
        }
    }

    private static String implementation(Class<?> list, Class<?> nested) {
        Implementation own = nested.getAnnotation(Implementation.class);
        return (own == null ? list.getAnnotation(Implementation.class) : own).name();
    }

    private static String entry(Class<?> contract, String implementation) {
        return contract.getSimpleName() + " by " + implementation;
    }
}
