namespace Recipes.Notebook.Jupyter;

/// <summary>How a kernel presents itself and how fast it sends.</summary>
public sealed record KernelOptions
{
    /// <summary>What a notebook server takes by default is 1 MB of stream output a second; a fifth is left for its envelope.</summary>
    public const int DefaultStreamRate = 800_000;

    /// <summary>The language of a cell that names none: <c>csharp</c> or <c>fsharp</c>.</summary>
    public string Language { get; init; } = "csharp";

    /// <summary>Bytes of standard output and error sent a second, after a burst of half a megabyte; 0: as fast as they come.</summary>
    public int StreamRate { get; init; } = DefaultStreamRate;

    /// <summary>Takes a line for each message that was dropped and each error that no request has caused; null: standard error.</summary>
    public Action<string>? Log { get; init; }
}
