namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>A kernel's sockets.</summary>
internal enum Channel
{
    /// <summary>Requests, one after another.</summary>
    Shell,

    /// <summary>Interrupt and shutdown, at any time.</summary>
    Control,

    /// <summary>Questions to the user.</summary>
    Stdin,

    /// <summary>Outputs and status, to every client.</summary>
    Iopub,

    /// <summary>Echoes.</summary>
    Heartbeat,
}
