namespace Recipes.Data;

/// <summary>How a large image is cut into square tiles.</summary>
/// <param name="Columns">Tiles side by side.</param>
/// <param name="Rows">Tiles one below the other.</param>
public readonly record struct TileGrid(int Columns, int Rows)
{
    /// <summary>Tiles of the grid, the overview not among them.</summary>
    public int Tiles => Columns * Rows;

    /// <summary>For example <c>2x1</c>: two tiles side by side.</summary>
    public override string ToString() => $"{Columns}x{Rows}";
}
