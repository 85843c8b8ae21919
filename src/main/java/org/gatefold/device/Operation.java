package org.gatefold.device;

import java.util.List;

/** One implementation of one contract of {@code org.gatefold.op}, handed out by a {@link Device}. */
public interface Operation {
    /** The implementation's name, for instance {@code "cpu.native"}; what logs and {@code -Dgatefold.use} have. */
    String name();

    /** Those of several operations that implement one contract, in their order. */
    static <O extends Operation> List<O> implementing(Class<O> contract, List<? extends Operation> operations) {
        return operations.stream()
                .filter(contract::isInstance)
                .map(contract::cast)
                .toList();
    }
}
