package org.gatefold.op.plan;

/** An operation of fixed sizes, ready to run; owns its workspace. One thread at a time. */
public interface Plan extends AutoCloseable {
    /** Frees the workspace. */
    @Override
    void close();
}
