package org.gatefold.device;

/** One implementation of one contract of {@code org.gatefold.op}, handed out by a {@link Device}. */
public interface Operation {
    /** The implementation's name, for instance {@code "cpu.native"}; what logs and {@code -Dgatefold.use} have. */
    String name();
}
