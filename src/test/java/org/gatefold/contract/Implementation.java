package org.gatefold.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The implementation that contracts are tested on: of a test class the one of all suites nested in it, of a nested suite
 * its own.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Implementation {
    /** The name of the device that offers it. */
    String device();

    /** Its own name, by which {@code -Dgatefold.require} makes it mandatory. */
    String name();
}
