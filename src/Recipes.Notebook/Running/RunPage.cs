namespace Recipes.Notebook.Running;

/// <summary>Stub.</summary>
public static class RunPage
{
    /// <summary>Stub.</summary>
    public static void Write(string path, NotebookRun run) => AtomicFile.WriteText(path, run.ToString());
}
