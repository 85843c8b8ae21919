/** What operations with plans have in common. */
package org.gatefold.op.plan;
