using Recipes.Notebook.Cells;
using Recipes.Notebook.Running.Kernel;

namespace Recipes.Notebook.Running;

// What a cell shows that did not end by itself.
internal static class RunErrors
{
    public const string Timeout = "--timeout";
    public const string CellTimeout = "--cell-timeout";

    private const int TailLines = 20;

    public static CellOutput.Error TimedOut(NotebookRunOptions options, string option, KernelOutcome outcome, TimeSpan grace)
    {
        var limit = option == CellTimeout ? options.CellTimeout : options.Timeout;
        var what = option == CellTimeout ? "the cell's" : "the whole run's";
        return Error(
            "Timeout",
            $"stopped: {what} time is over ({option} {limit!.Value.TotalSeconds:0.###})" + Ended(outcome, grace),
            outcome.Error?.Traceback.Skip(1) ?? []
        );
    }

    public static CellOutput.Error Interrupted(KernelOutcome outcome, TimeSpan grace) =>
        Error("Interrupted", "stopped by the user" + Ended(outcome, grace), outcome.Error?.Traceback.Skip(1) ?? []);

    public static CellOutput.Error Died(KernelOutcome outcome, IReadOnlyList<string> lastWords, bool started) =>
        Error(
            "KernelDied",
            $"the kernel process {outcome.How} {(started ? "while this cell ran" : "before it was ready")}"
                + (KernelExit.Reason(lastWords) is { } reason ? $": {reason}" : ""),
            lastWords.Count > TailLines ? [.. lastWords.Take(TailLines / 2), "…", .. lastWords.TakeLast(TailLines / 2)] : lastWords
        );

    public static CellOutput.Error NothingRaised() =>
        Error("NothingRaised", "expected an exception, for the cell is tagged raises-exception; it raised none", []);

    public static CellOutput.Error Unknown() => Error("Error", "the cell failed and did not say why", []);

    // No How: the cell stopped when asked to.
    private static string Ended(KernelOutcome outcome, TimeSpan grace) =>
        outcome.How.Length == 0 ? "" : $"; it did not stop within {grace.TotalSeconds:0.#} s, so the kernel process was killed";

    private static CellOutput.Error Error(string name, string message, IEnumerable<string> more) => new(name, message, [message, .. more]);
}
