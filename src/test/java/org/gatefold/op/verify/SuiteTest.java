package org.gatefold.op.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.junit.jupiter.api.Test;

class SuiteTest {
    @Test
    void everyContractThatTheReferenceImplementsHasOneSuite() {
        List<String> suites = new ArrayList<>();
        Suite.all().forEach(suite -> suites.add(suite.contract().getSimpleName()));
        Set<String> contracts = new TreeSet<>();
        try (Device device = Devices.named("reference")) {
            for (Operation operation : device.operations(Operation.class)) {
                for (Class<?> contract : operation.getClass().getInterfaces()) {
                    if (Operation.class.isAssignableFrom(contract)) {
                        contracts.add(contract.getSimpleName());
                    }
                }
            }
        }
        assertThat(suites).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(contracts);
        assertThat(contracts).contains("LinearOp", "RecurrentOp");
    }

    @Test
    void checksHaveNamesOfTheirOwnAndAreEqualForAllImplementations() {
        try (Device device = Devices.cpu()) {
            Suite.all().forEach(suite -> {
                namesDiffer(suite, device);
                implementationsShareChecks(suite, device);
            });
        }
    }

    private static <O extends Operation> void namesDiffer(Suite<O> suite, Device device) {
        for (Extent extent : Extent.values()) {
            assertThat(suite.checks(device.operation(suite.contract()), extent))
                    .as("%s, %s", suite.contract().getSimpleName(), extent)
                    .isNotEmpty()
                    .extracting(check -> check.group() + ": " + check.title())
                    .doesNotHaveDuplicates();
        }
    }

    private static <O extends Operation> void implementationsShareChecks(Suite<O> suite, Device device) {
        Set<Check<O>> of = new HashSet<>();
        List<O> implementations = device.operations(suite.contract());
        for (NamedCheck<O> check : suite.checks(implementations.get(0), Extent.QUICK)) {
            of.add(check.check());
        }
        for (O implementation : implementations) {
            assertThat(suite.checks(implementation, Extent.QUICK))
                    .as("%s of %s", suite.contract().getSimpleName(), implementation.name())
                    .extracting(NamedCheck::check)
                    .anyMatch(of::contains);
        }
    }
}
