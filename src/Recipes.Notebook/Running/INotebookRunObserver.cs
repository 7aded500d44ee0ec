using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running;

/// <summary>Watches a run. Called by one thread, in the order of events.</summary>
public interface INotebookRunObserver
{
    /// <summary>Everything is checked; the cells come now.</summary>
    void Started(NotebookRun run);

    /// <summary>A cell begins.</summary>
    void CellStarted(CellRun cell);

    /// <summary>A cell shows something. It may be an earlier one, of which a task still runs.</summary>
    void Output(CellRun cell, CellOutput output);

    /// <summary>The cell still runs. About ten times a second.</summary>
    /// <param name="cell">The running cell.</param>
    /// <param name="elapsed">Since it began.</param>
    void Tick(CellRun cell, TimeSpan elapsed);

    /// <summary>A cell has ended, or is passed over.</summary>
    void CellEnded(CellRun cell);
}
