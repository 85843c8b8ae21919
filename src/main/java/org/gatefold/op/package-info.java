/**
 * The contracts of all operations: specs, plans and the front-door checks, which give the same message whatever
 * implementation runs behind them.
 *
 * <p>Methods without the prefix {@code compute} check their arguments and then call the {@code compute} method that
 * backends implement. Unless a method says otherwise, outputs are written completely and must not overlap inputs, and a
 * call returns when its work is submitted: results are visible to later operations and copies of the same device.
 */
package org.gatefold.op;
