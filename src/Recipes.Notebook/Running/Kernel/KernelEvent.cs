using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

// What the runner learns from its kernel process, in the order in which it came.
internal abstract record KernelEvent
{
    public sealed record Hello : KernelEvent;

    /// <summary>A cell shows something; it may have ended already when a task of it still runs.</summary>
    public sealed record Output(int Id, CellOutput Content) : KernelEvent;

    /// <summary>The process itself printed.</summary>
    public sealed record Raw(string Name, string Text) : KernelEvent;

    /// <summary>All that the process printed on this stream during the cell has come.</summary>
    public sealed record RawEnd(string Name, int Id) : KernelEvent;

    public sealed record Done(int Id, CellOutcome Outcome) : KernelEvent;

    /// <summary>The process has ended, or was ended because it broke off the connection; nothing comes after this.</summary>
    public sealed record Ended(string How) : KernelEvent;
}

internal enum KernelStatus
{
    Ok,
    Error,

    /// <summary>Its time was over.</summary>
    TimedOut,

    /// <summary>The user stopped it.</summary>
    Cancelled,

    /// <summary>The process ended while the cell ran.</summary>
    Died,
}

// How a cell ended in the kernel process. Error is what the session showed; How and Tail describe the end of a process that died.
internal sealed record KernelOutcome(KernelStatus Status, CellOutput.Error? Error = null, int? Count = null, string How = "");
