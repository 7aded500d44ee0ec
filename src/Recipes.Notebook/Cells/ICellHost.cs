namespace Recipes.Notebook.Cells;

/// <summary>Whom a session tells what its cells show: a Jupyter kernel, the headless runner, a test.</summary>
public interface ICellHost
{
    /// <summary>Takes one output. Called from any thread, one call at a time; must not block for long.</summary>
    void Emit(CellOutput output);

    /// <summary>Asks the user for a line.</summary>
    /// <param name="prompt">May be empty.</param>
    /// <param name="password">Whether what is typed stays hidden.</param>
    /// <exception cref="NotSupportedException">This host has no one to ask.</exception>
    string ReadLine(string prompt, bool password);
}
