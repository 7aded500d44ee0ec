using System.Diagnostics;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running;

// Keeps the file of a running notebook up to date: after each cell and while one runs, but not so often that a large
// document spends more than a twentieth of the run on it.
internal sealed class RunSaver(NotebookDocument document, string? path)
{
    private long _saved;
    private TimeSpan _pause = TimeSpan.Zero;
    private bool _changed;

    public void Changed() => _changed = true;

    public void SaveIfDue()
    {
        if (_changed && Stopwatch.GetElapsedTime(_saved) > _pause)
            Save();
    }

    public void Save()
    {
        if (path is null)
            return;
        var started = Stopwatch.GetTimestamp();
        document.Save(path);
        _saved = Stopwatch.GetTimestamp();
        var took = _saved - started;
        _pause = TimeSpan.FromSeconds(Math.Max(1, 20.0 * took / Stopwatch.Frequency));
        _changed = false;
    }
}
