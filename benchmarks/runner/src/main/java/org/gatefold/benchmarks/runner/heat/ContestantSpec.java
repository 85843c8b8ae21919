package org.gatefold.benchmarks.runner.heat;

import java.util.List;
import java.util.Map;

/**
 * How a contestant is started.
 *
 * @param name as selected on the command line and printed
 * @param module folder under benchmarks/ with its classes and class path
 * @param className its {@link org.gatefold.benchmarks.contract.Contestant}
 * @param placement as {@link org.gatefold.benchmarks.contract.Placement} writes it; empty if the contestant has but one
 * @param environment variables of its process beside the thread counts that all get
 * @param jvmArguments beside the heap settings that all get
 * @param tolerance largest error that passes the check, relative to the largest value of the tensor
 */
public record ContestantSpec(
        String name,
        String module,
        String className,
        String placement,
        Map<String, String> environment,
        List<String> jvmArguments,
        double tolerance) {

    public ContestantSpec {
        environment = Map.copyOf(environment);
        jvmArguments = List.copyOf(jvmArguments);
    }
}
