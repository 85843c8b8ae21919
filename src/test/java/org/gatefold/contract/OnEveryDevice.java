package org.gatefold.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A test of the names of a device and of an implementation there: the reference, the native engine, and CUDA. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@CsvSource({"reference,reference", "cpu,cpu.native", "cuda:0,cuda"})
public @interface OnEveryDevice {}
